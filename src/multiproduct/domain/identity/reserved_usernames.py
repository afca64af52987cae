"""Names that nobody may take: those that speak for the house, and those that mean something to machines."""

# Names that people trust. They are refused together with everything that looks like them, so a word only
# stands here if no usual name looks like it ("all" would refuse Ali, "mail" would refuse Mali).
_TRUSTED = """
    admin administrator administration superadmin superuser root sysadmin sysop system
    support helpdesk customersupport customercare customerservice helpcenter supportteam
    security securityteam accountsecurity trustandsafety fraud abuse compliance
    billing payments invoicing refunds moderator moderators
    official staff employee webmaster hostmaster postmaster mailerdaemon noreply donotreply
"""
PROTECTED_USERNAMES = frozenset(_TRUSTED.split())

# What turns a trusted name into another that is trusted as much ("admin.official", "the_support").
TRUSTED_AFFIXES = ("official", "real", "the", "hq", "team")

# What turns a brand's name into that of one of its desks ("stark.support", "help-stark").
_DESKS = """
    account accounts admin app billing bot care contact help info news online pay payments sales security
    service services shop staff store support system verified
"""
BRAND_AFFIXES = (*TRUSTED_AFFIXES, *_DESKS.split())

# RFC 2142 and the local parts that mail systems and certificate authorities act upon.
_MAILBOXES = """
    info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp
    mail mailer-daemon mailerdaemon majordomo listserv no-reply noreply do-not-reply donotreply nobody bounce
    bounces unsubscribe subscribe contact hello office feedback jobs careers press media legal privacy dmarc
    spam ssladmin ssladministrator sslwebmaster it-support dns cert certmaster
"""

# First parts of paths, present and likely, and hosts.
_ROUTES = """
    about account accounts activate activity address addresses admin affiliate affiliates analytics api apis
    app apps asset assets audit auth authorize avatar avatars backend backup balance billing blog board bot
    bots brand cache callback campaign campaigns cart carts catalog category categories cdn channel chat
    checkout chats check-username client clients clock cms code codes comment comments config configuration
    confirm connect console conversation conversations cookie cookies coupon coupons create credit css
    customer customers dashboard data database delete demo deploy dev developer developers device devices
    docs documentation documents domain download downloads edit editor email emails embed error errors event
    events example explore export exports faq favicon.ico features feed feeds file files follow followers
    following forgot-password forum forums gateway goods graphql group groups guest guests guide health
    healthz help home host hosting hostname html http https icon icons image images img import inbox index
    index.html install integration integrations internal invite invites invoice invoices ios javascript job
    join jwks landing language languages ledger libraries library license links list lists live livez load
    localhost locale location log login logout log-in log-out logs mailbox manage management manager market
    marketplace markets member members message messages metrics migrate mobile mod monitor monitoring
    my-subscriptions network new notification notifications oauth oauth2 offer offers openapi openid order
    orders organization organizations otp owner owners pages partner partners password passwords pay payment
    payout payouts phone photo photos ping plan plans policies policy portal post posts preview pricing
    private product products profile profiles project projects promo provider providers proxy public
    purchase push query readyz recover recovery redirect redoc referral referrals refresh refund region
    regions register registration release releases remove report reports request reset resend-otp resource
    resources restore review reviews robots robots.txt role roles rss sandbox schema script scripts search
    seller send server service services session sessions setting settings setup share shipping shop shops
    sign-in sign-out sign-up signin signout signup site sitemap sitemap.xml sites sms smtp social source src
    ssl sso stage staging start start-trial stat static statistics stats status stock store stores storage
    stream style styles stylesheet subdomain subscriber subscription subscriptions swagger sync tag tags
    task tasks team teams template templates term terms test tester testing tests theme themes token tokens
    tool tools topic topics translate translation translations trial trials update updates upgrade upload
    uploads url urls usage user username usernames users vendor vendors verification verify verify-otp
    verify-email verifyotp version video videos view wallet wallets web webhook webhooks webmail websocket
    websockets well-known wiki worker workers wss xml
"""

# Words that programs take for the absence of a name, for everybody, or for nobody in particular.
_VALUES = """
    all any anonymous anybody anyone array boolean constructor default deleted deleted-user deleted_user empty
    everybody everyone exception false function here hidden infinity invalid nan nil none noone null number
    object optional prototype removed self someone string suspended system true undefined unknown unnamed
    void yourself yourname your-name your_name
"""

# Locales that stand first in a path, where they are long enough to be a name.
_LOCALES = """
    de-at de-de en-au en-ca en-gb en-in en-us es-419 es-es es-mx fr-ca fr-fr fa-ir kn-in ta-in ta-lk pt-br
    pt-pt zh-cn zh-hans zh-hant zh-hk zh-tw en_us en_gb es_es fa_ir kn_in ta_in zh_cn zh_hant zh_tw
"""

# Refused as they are, in any case; what only looks like them is free.
RESERVED_USERNAMES = frozenset(f"{_MAILBOXES} {_ROUTES} {_VALUES} {_LOCALES}".split()) | PROTECTED_USERNAMES
