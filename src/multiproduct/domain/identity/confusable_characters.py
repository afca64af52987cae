"""Characters that look like those of ASCII names, beyond what NFKD folds.

Source: Unicode 18.0.0 confusables.txt (UTS #39, 2026-08-06; © Unicode, Inc., Unicode License v3), reduced to
single characters whose prototype, without its combining marks and in lower case, is one to three ASCII
characters that a name may hold. Beyond Unicode's data, a cased letter without a prototype of its own takes
that of its upper case (Cyrillic "\u043a" is read as "k", because "\u041a" is). Written by
tools/make_confusable_characters.py; not edited by hand.
"""

UNICODE_VERSION = "18.0.0"

# What is seen, and the code points (hexadecimal) that look like it.
CONFUSABLES: dict[str, str] = {
    "-": "2d7 6d4 174d 2010 2011 2012 2013 2043 2212 2238 2796 2a29 2a2a 2cb2 2cb3 2cba 2cbb 2e1a fe58 10191",
    "-.": "a4fe",
    ".": "660 6f0 701 702 a4f8 a60e 10a50 1ecae",
    "..": "a4fa",
    "10": "23e8",
    "2": "1a7 1a8 1bb 3e8 3e9 10c7 10f7 14bf 1616 1cb7 2d27 a644 a645 a6ef a75a a75b 1ccf2",
    "3": (
        "1b7 21c 21d 25c 292 417 437 498 499 4e0 4e1 545 969 ae9 10d5 1702 1c95 2c9c 2c9d 2cc4 2cc5 2ccc "
        "2ccd a76a a76b a7ab a8f6 118ca 16f3b 1ccf3 1d206"
    ),
    "4": "13ce ab9e 118af 118cf 16e82 1ccf4",
    "5": "1bc 118bb 118db 1ccf5",
    "6": "3ec 431 13ee 2cd2 2cd3 2cdc 2cdd a543 abbe 118d5 1ccf6",
    "7": "172a 1c84 104d2 104fa 118c6 16e8a 1ccf7 1d1fe 1d212",
    "8": "222 223 9ea a6a b03 a589 1031a 11445 169fe 1ccf8 1e8cb",
    "9": "9ed a67 b68 d6d 2cca 2ccb a76e a76f 118ac 118cc 118d6 169c1 1ccf9 1e2f2",
    "_": "640 7fa fcf2 fcf3 fcf4 fe71 fe77 fe79 fe7b fe7d fe7f 145c1",
    "a": (
        "251 391 3b1 410 430 13aa 15c5 2376 237a a4ee ab64 ab7a 102a0 16f40 1ccd6 1d6a8 1d6c2 1d6e2 1d6fc "
        "1d71c 1d736 1d756 1d770 1d790 1d7aa 1df40 1df41 1df5a 1df6a"
    ),
    "aa": "a732 a733",
    "ae": "c6 e6 4d4 4d5",
    "ao": "a734 a735",
    "ar": "1f707",
    "au": "a736 a737",
    "av": "a738 a739 a73a a73b",
    "ay": "a73c a73d",
    "b": (
        "180 182 183 184 185 253 392 3b2 3d0 411 412 42c 432 44c 462 463 48c 48d 7d5 13cf 13f4 13fc 1472 "
        "1473 15af 15f7 1c80 1c87 2c82 2c83 a4d0 a557 a69d a7b4 a7b5 ab9f 10282 102a1 10301 1031c 16eb6 "
        "1ccd7 1d207 1d6a9 1d6e3 1d71d 1d757 1d791"
    ),
    "bl": "42b 44b",
    "c": (
        "a2 23c 3f2 3f9 421 441 4aa 4ab 1004 105a 13df 1c83 1d04 20a1 2ca4 2ca5 a4da abaf ffe0 102a2 10302 "
        "10415 1043d 1051b 118e9 118f2 1ccd8 1d134 1f16e 1f74c"
    ),
    "cc": "1f16d",
    "co": "ab43 ab44",
    "d": (
        "d0 f0 110 111 189 18b 18c 256 257 501 13a0 13e7 146f 15de 15ea 20ab a4d2 a4d3 ab70 abb7 1018b "
        "1ccd9 1df2d"
    ),
    "dz": "2a3 1df2e",
    "e": (
        "246 247 395 3b5 3f5 415 435 4bd 4bf 13ac 212e 22ff 2d39 a4f0 a5cb ab32 ab7c 10286 118a6 118ae "
        "118ce 1ccda 1d6ac 1d6e6 1d720 1d75a 1d794 1df81"
    ),
    "f": (
        "17f 191 192 284 3dc 3dd 584 7d3 15b4 1d6e 1e9d a4dd a798 a799 ab35 1017e 10287 102a5 10525 118a2 "
        "118c2 1ccdb 1d213 1d7ca"
    ),
    "fn": "2a9",
    "ft": "fb05",
    "g": "18d 1e4 1e5 260 261 50c 50d 581 13c0 13f3 13fb 1d83 1da2 a4d6 ab90 1ccdc 1df45",
    "h": (
        "126 127 266 397 41d 43d 45b 4a2 4a3 4ba 4bb 4c7 4c8 4c9 4ca 570 10b9 13bb 13c2 13f2 13fa 157c 1d78 "
        "210f 2c67 2c68 2c8e 2c8f 2d19 a4e7 a695 ab8b ab92 102cf 1ccdd 1d6ae 1d6e8 1d722 1d75c 1d796 1df32 "
        "1df46 1df47"
    ),
    "i": (
        "a1 131 268 269 26a 3b9 456 582 13a5 1d7b 1d7c 2373 2378 2c93 a647 ab75 118c3 1d6a4 1d6ca 1d704 "
        "1d73e 1d778 1d7b2"
    ),
    "ie": "1df5d",
    "j": "237 248 249 25f 29d 37f 3f3 408 458 575 13ab 148d a4d9 a7b2 ab7b 1ccdf 1d6a5",
    "k": (
        "199 39a 3ba 3f0 41a 43a 49a 49b 49e 49f 13e6 16d5 20ad 2c69 2c6a 2c94 2c95 a4d7 a740 a741 abb6 "
        "10518 1cce0 1d6b1 1d6eb 1d725 1d75f 1d799 1df48 1df49"
    ),
    "l": (
        "141 142 196 197 19a 1c0 26b 26d 399 406 4c0 4cf 5c0 5d5 5df 627 661 673 6f1 7ca 964 104a 13de 14aa "
        "16c1 16c5 16d0 1fbe 21bf 2223 23fd 2502 2503 2c92 2cd0 2cd1 2d4a 2d4f a4e1 a4f2 a56f a781 a7ae "
        "a7fe a830 a8ce aa5d abae fd3c fd3d fe31 fe81 fe82 fe87 fe88 fe8d fe8e ffe8 1028a 10309 10320 1041b "
        "10443 1050e 10526 10926 10c3e 10ca5 10ce5 10cfa 11047 110c0 11141 111c5 113d4 1144b 115c5 11641 "
        "118a3 118b2 118d2 11c41 11dda 11de1 16ae4 16d63 16eaa 16f16 16f28 1ccde 1cce1 1ccf1 1d100 1d22a "
        "1d377 1d6b0 1d6ea 1d724 1d75e 1d798 1df6e 1e141 1e8c7 1ed01 1ee00 1ee80"
    ),
    "ll": (
        "1c1 5f0 965 104b 1efa 1efb 2016 2225 a8cf 10199 11048 110c1 11142 111c6 113d5 1144c 11642 11c42 "
        "1d262"
    ),
    "lll": "a516",
    "lls": "10198",
    "lo": "42e 44e",
    "ls": "2aa",
    "lt": "20b6",
    "lz": "2ab",
    "m": (
        "b5 39c 3bc 3fa 3fb 41c 43c 4cd 4ce 13b7 15f0 16d6 2c98 2c99 a4df ab87 102b0 10311 10c21 1cce2 "
        "1d6b3 1d6ed 1d727 1d761 1d79b 1df4a"
    ),
    "mb": "1f76b",
    "n": (
        "14b 19d 19e 272 273 39d 3b7 572 578 57c 1d70 2c9a 2c9b a4e0 1018e 10513 11abe 1cce3 1d6b4 1d6c8 "
        "1d6ee 1d702 1d728 1d73c 1d762 1d776 1d79c 1d7b0 1df4d 1df4e 1df4f"
    ),
    "o": (
        "d8 f8 19f 275 398 39f 3b8 3bf 3c3 3d1 3ed 3f4 41e 43e 472 473 4e8 4e9 555 585 5e1 629 647 665 6be "
        "6c1 6c3 6d5 6f5 6ff 7c0 7cb 840 966 9e6 a66 ae6 b20 b66 be6 c02 c66 c82 ce6 d02 d20 d66 d82 e50 "
        "ed0 1010 101d 1040 10d7 10ff 110b 11bc 12d0 1340 13a4 13be 13eb 17e0 1a32 1a45 1a80 1a90 1bea 1c82 "
        "1cbf 1d0f 1d11 2205 2296 229d 2300 2365 236c 2c90 2c91 2c9e 2c9f 2d31 2d41 2d54 3007 3147 a4f3 "
        "a6a2 a74a a74b ab3d ab3e ab74 ab8e abbb fba4 fba5 fba6 fba7 fba8 fba9 fbaa fbab fbac fbad fcd9 "
        "fe93 fe94 fee9 feea feeb feec ffb7 10292 102ab 1030f 10404 1042c 104c2 104ea 10516 1051e 1092c "
        "10c17 10d07 11116 11124 11302 114d0 118b5 118c8 118d7 118e0 11de0 1699b 16ae9 16e80 1cce4 1ccf0 "
        "1d21a 1d6af 1d6b6 1d6b9 1d6c9 1d6d0 1d6d4 1d6dd 1d6e9 1d6f0 1d6f3 1d703 1d70a 1d70e 1d717 1d723 "
        "1d72a 1d72d 1d73d 1d744 1d748 1d751 1d75d 1d764 1d767 1d777 1d77e 1d782 1d78b 1d797 1d79e 1d7a1 "
        "1d7b1 1d7b8 1d7bc 1d7c5 1df3c 1e140 1e2f0 1ee24 1ee84 1f714"
    ),
    "oe": "152 153",
    "oi": "1df5e",
    "ol": "1ee64",
    "oo": "1147 11ee 221e 3180 a698 a699 a74e a74f",
    "ou": "1df5f",
    "oy": "478 479",
    "p": (
        "fe 1a5 1bf 3a1 3c1 3f1 3f8 420 440 13e2 146d 1d7d 2374 2ca2 2ca3 2cce 2ccf a4d1 abb2 10295 1cce5 "
        "1d6b8 1d6d2 1d6e0 1d6f2 1d70c 1d71a 1d72c 1d746 1d754 1d766 1d780 1d78e 1d7a0 1d7ba 1d7c8"
    ),
    "q": "2a0 51a 51b 563 566 2d55 1cce6 1df34",
    "qe": "1f700",
    "r": (
        "1a6 24c 24d 27c 27d 280 433 493 13a1 13d2 1587 1d26 1d72 2c85 a4e3 ab47 ab48 ab71 ab81 aba2 104b4 "
        "104dc 16a19 16f35 1cce7 1d216 1df37"
    ),
    "rn": "271 560 1d6f 20a5 ab51 11700 118e3 1df4b 1df4c",
    "s": (
        "1bd 282 405 455 54f 57f d1f 10bd 10fd 13d5 13da 1cbd 1d74 2d1d a4e2 a576 a731 a7c5 aba5 abaa 10296 "
        "10420 10448 118c1 16ad6 16f3a 1cce8"
    ),
    "sss": "1f75c",
    "t": (
        "166 167 1ab 1ad 1ae 23e 288 3a4 3c4 422 442 4ac 4ad 7e0 13a2 13bf 1c85 1d75 20ae 22a4 2361 27d9 "
        "2c66 2ca6 2ca7 3112 4e05 a4d4 a50b a68c a68d ab72 ab8f 10297 102b1 10315 118bc 16f0a 1cce9 1d373 "
        "1d6bb 1d6f5 1d72f 1d769 1d7a3 1f768"
    ),
    "t3": "a728 a729",
    "tf": "a777",
    "th": "1df64",
    "to": "1df24",
    "ts": "2a6",
    "u": (
        "244 289 28b 3c5 45f 54d 57d 1200 13cc 144c 1d1c 1d7e 222a 22c3 a4f4 a79f ab4e ab52 ab9c 104ce "
        "104f6 118b8 118d8 16f42 1ccea 1d6d6 1d710 1d74a 1d784 1d7be 1df39"
    ),
    "ue": "1d6b",
    "uo": "ab63",
    "v": (
        "3bd 474 475 5d8 667 6f7 13d9 142f 1d20 2228 22c1 2d38 a4e6 a6df aba9 10197 1051d 10c1f 11706 118a0 "
        "118c0 16f08 1cceb 1cefc 1d20d 1d6ce 1d708 1d742 1d77c 1d7b6 1df51 1df52 1e145 1f708"
    ),
    "vb": "1f76c",
    "w": (
        "26f 448 461 47d 51c 51d 561 13b3 13d4 1d21 20a9 29e2 2cbd a4ea a761 a7fa ab83 aba4 ffe6 114c5 "
        "1170a 1170e 1170f 118e6 118ef 1ccec 1d20c 1df3f 1df7d"
    ),
    "wh": "1df65",
    "x": (
        "d7 3a7 3c7 425 445 4b2 4b3 1541 157d 166d 166e 16b7 1763 1bec 1cf5 2573 292b 292c 2a2f 2a30 2cac "
        "2cad 2d5d a4eb a7b3 ab53 10196 10290 102b4 10317 10322 10527 10c13 10c82 10cc2 10cfc 118ec 1cced "
        "1d6be 1d6f8 1d732 1d76c 1d7a6"
    ),
    "y": (
        "a5 1b4 24e 24f 263 28f 3a5 3b3 3d2 423 443 4ae 4af 4b0 4b1 7cc 10e7 13a9 13bd 1d8c 1eff 213d 2ca8 "
        "2ca9 311a 4e2b a4ec a6b2 ab5a ab79 ab8d ffe5 102b2 10c20 118a4 118c4 118dc 16f43 1ccee 1d6bc 1d6c4 "
        "1d6f6 1d6fe 1d730 1d738 1d76a 1d772 1d7a4 1d7ac 1df31 1df55"
    ),
    "z": (
        "1b5 1b6 224 225 290 396 3b6 10cd 13c3 1d22 1d76 2c6b 2c6c 2c8c 2c8d 2d2d a4dc a6c9 ab93 102f5 "
        "10507 118a9 118c9 118e5 11abc 1ccef 1d6ad 1d6e7 1d721 1d75b 1d795"
    ),
}
