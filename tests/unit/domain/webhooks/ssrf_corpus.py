"""Addresses that attackers have webhooks sent to, as they write them, and addresses that look like them."""

NOT_PUBLIC = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.254",
    "127.0.0.1", "127.1.2.3", "127.255.255.255", "169.254.0.1", "169.254.169.254", "169.254.170.2",
    "172.16.0.1", "172.31.255.254", "192.0.0.1", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.31.196.1",
    "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.254", "192.175.48.1", "198.18.0.1",
    "198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::2", "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::10.0.0.1", "100::1", "100:0:0:1::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
    "2002:a9fe:a9fe::", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1",
    "fe80::1", "fe80::a9fe:a9fe", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "4000::1", "e000::1",
    "2600::5efe:a00:1", "2600::200:5efe:7f00:1",
)  # fmt: skip
"""Every one of them is to be refused."""
PUBLIC = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255",
    "128.0.0.1", "169.253.255.255", "169.255.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1",
    "192.167.255.255", "192.169.0.1", "198.17.255.255", "198.20.0.1", "203.0.112.255", "203.0.114.1",
    "223.255.255.254", "2606:4700::1111", "2600::1", "2a00:1450:4001::200e", "2001:4860:4860::8888",
    "2003::1",
)  # fmt: skip
"""Their neighbours, which are not."""
URLS = (
    "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd", "gopher://127.0.0.1/",
    "https:///x", "https://", "https:hooks.example.com", "//hooks.example.com/", "hooks.example.com",
    "javascript:alert(1)", "data:text/plain,x", "https://user@hooks.example.com/",
    "https://user:pass@hooks.example.com/", "https://@hooks.example.com/", "https://:@hooks.example.com/",
    "https://hooks.example.com:pass@127.0.0.1/", "https://hooks.example.com#@127.0.0.1/",
    "https://127.0.0.1#@hooks.example.com/", "https://hooks.example.com/#", "https://hooks.example.com/a#b",
    "https://hooks.example.com\\@127.0.0.1/", "https:\\\\127.0.0.1/", "https://hooks.example.com:22/",
    "https://hooks.example.com:25/", "https://hooks.example.com:80/", "https://hooks.example.com:6379/",
    "https://hooks.example.com:0/", "https://hooks.example.com:65536/", "https://hooks.example.com:-1/",
    "https://hooks.example.com:443x/", "https://localhost/", "https://LOCALHOST/", "https://localhost./",
    "https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://2130706433/", "https://0x7f000001/",
    "https://0x7f.0.0.1/", "https://017700000001/", "https://0177.0.0.1/", "https://127.0.0.1./",
    "https://0/", "https://0.0.0.0/", "https://1.2.3.4.5/", "https://hooks.example.0x7f/",
    "https://example.1/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/", "https://[0:0:0:0:0:ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/",
    "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[::1/",
    "https://::1/", "https://[127.0.0.1]/", "https://[v1.x]/", "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/", "https://100.100.100.200/", "https://[fd00:ec2::254]/",
    "https://127.0.0.1:8443/", "https://１２７.0.0.1/", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/",
    "https://ｌocalhost/", "https://ex ample.com/", "https://example.com\t/", "https://example.com\n/",
    "https://exam\x00ple.com/", "https://example.com/\r\nX: y", "https://example..com/",
    "https://.example.com/", "https://-example.com/", "https://example.com./", "https://%31%32%37.0.0.1/",
    "https://127.0.0.1%2f@example.com/", "https://exa%6dple.com/", "https://" + "a" * 64 + ".com/",
    "https://example.com/" + "a" * 2_048, "https://münchen.example/", "",
)  # fmt: skip
"""Every one is refused before anything is looked up."""
