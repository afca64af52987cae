"""Words that passwords are commonly made of: what people are fond of, afraid of, and see every day.

Written down for this project: facts of everyday language, in the spelling without accents that is typed.
"""

_SERVICES = """
password passwort contrasena parol passe secret secreto login admin administrator welcome letmein default
master access computer internet system server windows linkedin google facebook youtube myspace microsoft
samsung nokia logitech yahoo hotmail gmail twitter instagram playstation nintendo xbox apple android iphone
changeme test testing tester temp guest user root changes open sesame private security keyboard software
hello trustno trust network website online hacker hacked matrix database freepass mypass mypassword whatever
nothing
"""
_AFFECTION = """
love iloveyou loveme lover loving lovely sweet sweety sweetie sweetheart honey baby babygirl babyboy darling
princess prince angel angels angelo heart beauty beautiful kisses kiss friend friends friendship forever
always together family mother father mommy daddy sister brother children daughter husband wife girl girls
boys woman amor teamo tequiero amore mivida corazon hermosa bonita princesa chocolate cherry candy sugar
cookie cupcake peaches strawberry banana orange lemon coffee pepper ginger butter cheese pizza tequila
whisky vodka corona
"""
_ANIMALS = """
monkey dragon tiger lion eagle falcon wolf wolves bear bears panther dolphin turtle butterfly horse horses
pony kitty kitten puppy doggie bulldog rabbit bunny chicken donkey elephant giraffe hamster spider scorpion
snake cobra shark whale penguin phoenix unicorn mustang jaguar raven hawk bird cat dog fish frog lizard
buffalo rooster squirrel ladybug tigger snoopy garfield simba bambi pikachu pokemon
"""
_SPORTS = """
football baseball basketball soccer hockey tennis golf golfer cricket rugby volleyball softball swimming
skating skater snowboard surfer wrestling boxing fishing hunting hunter runner racing racer rider biker
liverpool arsenal chelsea manchester united barcelona madrid juventus milan everton celtic rangers tottenham
yankees redsox steelers cowboys raiders packers patriots dodgers lakers celtics bulls broncos dolphins
giants eagles falcons panthers tigers lions pirates braves warriors knights champion winner victory player
gamer sports jordan ronaldo messi beckham kobe lebron tyson ferrari porsche lamborghini corvette camaro
chevrolet mercedes yamaha kawasaki suzuki honda toyota nissan harley davidson ducati volkswagen mclaren
subaru civic
"""
_STORIES = """
superman batman spiderman ironman hulk superstar starwars startrek skywalker jedi yoda vader gandalf hobbit
frodo legolas harrypotter potter hermione hogwarts naruto sasuke sakura goku dragonball vegeta inuyasha
zelda mario sonic pacman warcraft starcraft diablo counter strike callofduty minecraft assassin terminator
predator matrix neo morpheus avatar twilight vampire bond casino scarface godfather gladiator titanic
simpsons homer mickey minnie donald tinkerbell cinderella barbie shrek nemo stitch winnie pooh eeyore tweety
scooby bugsbunny metallica nirvana slipknot eminem tupac beatles rolling stones queen ironmaiden acdc
linkinpark greenday blink guitar guitars music musica musician drummer drums piano rock rocknroll metal
hiphop reggae trumpet violin singer rockstar dancer dancing dance party cool crazy killer sexy funny lucky
happy smile smiley sunny shorty gangster
"""
_NATURE = """
sunshine summer winter spring autumn flower flowers rose roses rainbow star stars moon moonlight sunset
sunrise shadow thunder lightning storm snow snowball snowman fire water ocean beach island river mountain
forest garden tree trees blossom lily jasmine daisy orchid violet crystal diamond diamonds emerald ruby
silver golden gold purple pink black white blue green yellow brown red grey scarlet crimson midnight night
heaven paradise eternity universe galaxy planet mercury venus saturn jupiter pluto apollo zeus athena
hercules achilles january february march april june july august september october november december monday
friday sunday birthday christmas holiday vacation freedom peace justice liberty destiny fantasy dream dreams
dreamer magic mystic
"""
_FAITH = """
jesus jesuschrist christ christian church bible faith grace glory blessed blessing prayer gospel savior
trinity angelic allah mohammed muhammad bismillah islam buddha krishna ganesh shiva lord godisgood god holy
spirit satan lucifer demon devil hell death dead darkness dark ghost skull vampire zombie monster beast evil
"""
_PLACES = """
america american england london paris france germany berlin deutschland spain espana mexico mexicano brazil
brasil argentina colombia peru chile canada toronto montreal australia sydney melbourne china beijing
shanghai japan tokyo korea vietnam thailand indonesia jakarta malaysia singapore india mumbai delhi pakistan
karachi bangladesh turkey istanbul galatasaray fenerbahce russia moscow ukraine poland polska warsaw italy
italia roma portugal holland amsterdam belgium sweden norway finland denmark ireland scotland africa nigeria
egypt morocco israel texas dallas houston austin california losangeles sanfrancisco sandiego chicago boston
newyork brooklyn jersey florida miami orlando atlanta georgia virginia carolina alabama louisiana tennessee
kentucky michigan detroit ohio cleveland denver colorado arizona phoenix vegas nevada seattle washington
oregon portland hawaii alaska montana dakota kansas oklahoma philadelphia pittsburgh maryland baltimore
jamaica havana cuba
"""
_PEOPLE = """
michael jennifer jessica ashley amanda daniel matthew joshua andrew christopher nicholas anthony william
robert david james john joseph thomas charles richard steven kevin brian george edward ronald timothy jason
jeffrey ryan jacob gary eric stephen jonathan larry justin scott brandon benjamin samuel gregory frank
patrick raymond alexander jack dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle
walter ethan jeremy harold keith christian roger noah gerald carl terry sean austin arthur lawrence jesse
dylan bryan joe jordan billy bruce albert willie gabriel logan alan juan wayne roy ralph randy eugene
vincent russell elijah louis bobby philip johnny mary patricia linda elizabeth barbara susan sarah karen
lisa nancy betty margaret sandra kimberly emily donna michelle dorothy carol melissa deborah stephanie
rebecca sharon laura cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha
katherine christine debra rachel carolyn janet catherine maria heather diane ruth julie olivia joyce
virginia victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline martha
gloria teresa ann sara madison frances kathryn janice jean abigail alice julia judy sophia grace denise
amber doris marilyn danielle beverly isabella theresa diana natalie brittany charlotte marie kayla alexis
lori vanessa veronica monica claudia valentina gabriela alejandra alejandro fernando fernanda eduardo
francisco antonio carlos miguel javier sergio ricardo roberto rodrigo santiago sebastian mauricio gustavo
guillermo enrique leonardo lorenzo giovanni giuseppe francesco alessandro alessia federica francesca martina
valeria chiara giulia matteo andreas stefan stefanie sabrina jasmin melanie tobias florian christoph
wolfgang dieter sebastien nicolas mathieu camille juliette aurelie natasha natalia tatiana svetlana
ekaterina anastasia vladimir sergey dmitry aleksandr nikolay marina irina olga krasotka lubov solnce zaika
samsun mehmet mustafa ahmet yasmin fatima mohamed ibrahim abdullah hassan hussain ali reza mahdi azadeh
golnaz maryam parisa sachin rahul rajesh priya deepak sanjay vijay kumar singh sharma nguyen
"""
_COARSE = """
fuckyou fuckoff fuck fucker fucking bitch bitches asshole bullshit shit pussy penis dick cock sucker sexsex
bastard whore slut boobs tits naked porn playboy bigdick biggie bigdaddy badboy badass hardcore hooker
"""
_LITTLE = """
my your the and you for me is are not one two big little old new hot bad best good super mega king queen man
boy lady mrs mister sir doc doctor captain chief boss soldier marine army navy police ninja samurai sniper
ranger school college student teacher lawyer nurse engineer money dollar million rich power energy turbo
nitro rocket machine engine truck ford chevy dodge jeep audi bmw opel peugeot renault abc abcd asd qwe zxc
aaa xxx
"""


_EVERYDAY = """
about above account action address adventure again airplane alarm album alcohol alive alone alpha ambition
amazing ancient animal answer apartment apollon appetite architect arrow artist asterisk atlantic atlantis
attitude awesome backpack balance ballerina bandit barbara bargain battle beach beacon beautiful bedroom
beer before believe beloved bicycle blaster blizzard blonde bluebird bluesky bonjour boomer boulder bounce
breakfast breeze bridge brother bubbles bubble buddy builder burger business calendar camera campbell candle
capital captain caramel career carnival carpet carrot cascade castle catalog celebrity center century
certain chance change channel chapter character charger charming chemistry cherokee chevelle chicago chief
children choice chronic circle citizen classic clever climber clover coconut colonel comedy command company
complete concert condor connect contact control cooper copper country courage couple cousin cowboy coyote
craft creative credit crescent cricket criminal crusader culture curious current customer cyber cyclone
danger daylight december decision delight delicious delta design desire detective dictionary digital
dinosaur diplomat director discover distance doctor dolphin domino double dragonfly drawing drummer dynamite
dynasty earth easter easy eclipse economy edition education einstein electric element elephant eleven
emerald emotion empire enemy enigma enter entertain entropy escape essence eternal europe evening everest
everyone everything evolution example excalibur excellent exchange exclusive experience explorer express
extreme fabulous factory faithful famous fashion favorite feather feeling fidelity fighter figure finance
firefly fireman first fitness flamingo flash flexible florist flying fortune forward fountain fragile
francais freak freebird freestyle fresh front frozen fucked fullmoon future gallery gambit garage gateway
gemini general generation genesis gentle genius giggles glamour global goddess golden goodbye goodluck
gorgeous grandma grandpa gravity great greatest grizzly groovy guardian guess happiness hardware harmony
harvest haunted headache health heather helicopter herbert heritage hero heroes highland highway history
holly homework honest horizon hospital hotdog hotel hotstuff house hundred hurricane iceberg icecream
icecube idiot illusion imagine immortal imperial impossible incredible independent infamous infinity
informatik innocent insane inside inspector inspiration install instant institute intelligence international
invisible italian jackass jackson jasper johnson journal journey joyful juggernaut jumper jungle junior
kingdom kitchen knight knowledge laboratory landscape language laptop laser laughing leader learning leather
legend legion legolas leopard leprechaun letter liberal library license lifestyle lighthouse limited little
living lollipop london lonely lottery loveless loverboy luckydog lullaby luxury macintosh madness magnum
majestic mammoth management mandarin maniac marathon marble marlboro marketing marriage marshall marvel
massive masterpiece mathematics maximum maverick meadow medicine member memories mental mercedes mermaid
message meteor midnight military millennium miracle mirror mission mobile modern molecule moment monitor
monopoly monster moonlight morning mother motorcycle motorola mountain mouse movie muffin multimedia murder
muscle mushroom mustard myself mystery napoleon national natural navigator nebula needle negative nemesis
nevermind newlife newport newspaper nickname nightmare nightwish nirvana nobody noodle normal northern
notebook number nutella oatmeal object oblivion observer october octopus office official olympic omega
onelove operation operator opposite orchestra original orlando outlaw outside paintball palace pancake
pandora panorama papillon paradox parker partner passion passenger patience pavilion peanut pencil pentium
people perfect performance person personal phantom philosophy photograph picasso picture pilgrim pilot
pinball pineapple pioneer pirate platinum player pleasure poetry poison polaris police politics popcorn
popeye popular portable positive potato precious predator premium president pretty primavera printer
prisoner problem production professional professor program promise prophet protect psycho publisher pumpkin
punisher puppet puzzle pyramid quality quantum quest question radiohead radiant railroad random ranger
rasputin reality reason rebel recovery redhead redneck regina registration relax remember renegade republic
research residence resident respect restaurant revenge revolution reynolds riddle robotics rocker romance
romantic rotten royal rubber runaway russian sailor salvation samantha sanctuary sandman sandwich satellite
saturn savage saxophone scanner schatzi science scientist scissors scooter scorpio scratch screen seagull
search season seattle secure seminole senior sephiroth serenity sergeant service seven shannon shelby
sheriff shining shooter shopping short shotgun showtime silence silver simple single skeleton skipper
skyline slayer sleeping slipper smoker smokey smooth snickers snowflake soccer social soldier solitude
solution something somebody sorrow southern southside spanish spartan special spectrum speed speedy spelling
spider spirit splash sponge spongebob squirt stallion standard stargate station steel stella sterling
stewart stranger street strong student studio stupid submarine success summit sunday sunflower sunny
supernova superior support supreme surprise survivor swordfish symphony system tabitha talent tarantula
target tattoo taurus taylor techno technology teddybear telephone television temple tennis terminal terror
theater theatre thirteen thompson thousand thriller thumper together tomato tomorrow toolbox tornado total
touchdown tower traffic training transfer transport travel treasure trespass triangle tribal trombone
tropical trouble truelove tuesday turquoise tweety twister ultimate ultimo umbrella undead under underground
understand unique unknown unlimited utopia valentine valley vampire vanilla vegetable velocity velvet
vengeance vertigo veteran victim viking village violence vision vitamin volcano voyager walker wallpaper
wanted warlord warrior watcher waterfall watermelon weapon weather website wednesday weekend western wheels
whisper wicked wildcat wildcats williams willow windmill window winner winston wireless wisdom witch wizard
wolverine wonder wonderful woodland working world worldwide writer yellow yesterday young younger zeppelin
"""
_ELSEWHERE = """
privet parol lubov zvezda maksim aleksandr andrey natasha nastya sasha masha pasha misha dasha katya marina
solnyshko krasavica rossiya moskva lokomotiv spartak zenit dinamo kotenok malysh medved devochka hallo
schatz schatzi sonne liebe ichliebedich fussball bayern werder schalke hamburg muenchen geheim passwort
sommer freiheit freunde familie blume himmel engel teufel hund katze maus schule lehrer auto musik gitarre
bonjour soleil amour jetaime chocolat doudou loulou princesse marseille toulouse lyonnais coucou azerty
motdepasse famille bebe chouchou vacances musique liberte papillon contrasena clave amigo amigos familia
mariposa estrella cielo luna sol playa verano gatito perrito bonito chiquita chivas america pumas cruzazul
independiente riverplate bocajuniors diosesamor dios esperanza alegria senha flamengo corinthians palmeiras
gremio santos botafogo saudade felicidade ciao amoremio tiamo juventus napoli forza bella stella sole mare
cucciolo gattina kochanie misiek polska haslo myszka kotek slonce dupa welkom wachtwoord oranje ajax
feyenoord voetbal woaini woaiwojia aini sifre sevgi askim canim besiktas salam eshgh asheghetam khoda golam
sayang cinta rahasia bismillah mahalko pilipinas
"""


_MORE = """
aquarius taekwondo kamikaze kamikadze scruffy hayabusa mazda bordeaux crocodile krokodil aardvark hedgehog
slamdunk crosby gymnast gymnastics milkshake zanzibar bmx meatloaf bobafett limpbizkit smirnoff mudvayne
daffodil kickflip hilary duff knuckles zaragoza checkout kids jazzy saopaulo hey aerosmith zildjian leeds
winx club need job zimbabwe kokakola coke cocacola deeznuts nuts avril lavigne earnhardt meow amd turion
vauxhall silk road gta vice city barakuda kirkland mojo jojo hydrogen oxygen yggdrasil academy akademik
ibanez zooyork jimmie pimp juice laurel creek never give hetero sexual sony vaio dell lenovo asus acer yeah
like likes pie cutie hate this game crack head upper venezuela guadalupe hyderabad brooks kaitlyn caitlyn
abhishek gonzalez rodriguez rodrigues martinez hernandez lopez garcia sanchez ramirez torres flores rivera
gomez diaz cruz morales gutierrez ortiz castillo jimenez moreno romero alvarez mendoza ruiz agnieszka
shahrukh kowalski lukasz marek michal olatunji oluwaseun adekunle anatoliy johnston wilson moore anderson
harris clark lewis robinson walker hall allen wright hill green adams nelson mitchell roberts turner
phillips evans edwards collins morris murphy cook rogers morgan bell reed bailey cox howard ward watson
bennett gray hughes price myers foster sanders ross powell sullivan russell jenkins perry butler barnes
fisher henderson coleman simmons patterson graham reynolds hamilton griffin wallace west cole hayes
vkontakte telechargement abrakadabra tazmania nounours poupoune seigneur teiubesc noiembrie waheguru
jaigurudev gwapoako nomeacuerdo tuputamadre feuerwehr kartoffel puffer misiaczek szczurek zbychlas
przyjaciolki kroliczek kurwa mac anhyeuem maiyeuem maiyeu seniseviyorum seniseverim kocham kochamcie
konfetka kvartira viktoriya vladislav pridurok alinochka krasavitsa petrovich kartoshka registratsiya
tsvetochek kleopatra schastlivaya shokoladka kakdela laetitia mckenzie budweiser acapulco ezequiel doomsday
alenushka lastochka svoboda zhizn smert pobeda rebenok solntse
"""


def common_words() -> frozenset[str]:
    """All of them, in lower case."""
    lists = (
        *(_SERVICES, _AFFECTION, _ANIMALS, _SPORTS, _STORIES, _NATURE),
        *(_FAITH, _PLACES, _PEOPLE, _COARSE, _LITTLE),
        *(_EVERYDAY, _ELSEWHERE, _MORE),
    )
    return frozenset(word for each in lists for word in each.split())
