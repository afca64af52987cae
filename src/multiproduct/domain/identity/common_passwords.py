"""Common passwords that are made of nothing that `guessability` knows: most were drawn by lot once, and came
into lists of what was stolen.

They are what it lets through of Royce Williams' list of 20,000 common passwords, as Django 5.2 has it, from
eight characters on. Kept are the first five bytes of the SHA-256 of each.
"""

from base64 import b64decode
from functools import cache
from hashlib import sha256

_BYTES = 5
_DIGESTS = """
ASL5ZkUCbG+b+QN15gxyA8jOU1UD63bOBQUZJdA/BZYEkhEFyPdBPQc5IMr+COf63CIJfG50GAnIOMq0DPFZe3cM/MS9OBAymOYV
EUPy98cR2QIwGhIPly0wFhLvykwXDEqb7BedOk2IF/2s09oYgWuoshqiAttvHeYguC4fnEps4CFCuBJQIVL2N3ojmvyRByWFr6W2
Jg9S5sMmOxmE2Cj2FVFQKVWAQa0qR9evvypii0WTKo4ha7crXIwTLixAIJP1LTMFBzEw9zanZjIDU55KM8KqFBg0BTbjiTTc4So+
NTrruK02n2FoUzbbX/AGN6k0mxk5JuF0hzm9EwRvOtBcp04790FftDv47mW3PnQh5oc/XAtfnEBiO0d0QfvrRvFCEJr/m0JPHAS7
Qssd7iJDzVDu3kVBl7qJSV8DNidJdOv3uEq585jnSx9OR5pLyD4LVEyHYeWvTL46zrNNak4Qr07M3GowTyJJFDVSMMeEtVZ6fxGF
VtUTjhVXI1eA0FgCeGoNWz4JNfVb5baSPlzxCREgXTPkMjVdaL+8z16HF91WXzs7YUlf1gVcBGDIu22JZn1QGixoxBaWU2ll6xaY
bGraWbptcgwnFW5ZWvJrb6yvQklw1Isyw3DkSO8wc6GOEiF2VV6ZNHn8DTwZenrb7GZ6lNJ1ansox7kvfFzCwod9LGzz2X2cvwUi
fwL+T5F/uXjLs4FqIJs5ggNE6WqDMY7KAITk7RqbhU52v4GGhnwX3odz/JKbjEu93syM4dFUyYzu+tn1jSLbXtCNKkbnf40sw5jH
khkzGfaSUyKbR5Vlz3Znl0YH7XeZpYYF3poWPgtvmjmLyCuatLAlR5vG0dY+nqzLaVOf+ASUT6CPOFXToLgUPFaiyh/gVqQEEYM5
pRnNhvGludsEPKXYL/w7qJTejp+pGI63k6ksra6JqicCoAaq7+j0CKujo4NUrG4JDqqt2JmBMa3uThtzrxrmtfaxACKku7HdOOUF
s+LRQKC0I+3v5rR2OvZ4tMODnRS1DRmgerWOR0BgteyTJ3K2kc/DwriyMEshuLlPL427Ij9GsLtGq7zXu5wN41C8Hqre0b+MuP6B
wqtNX8TD/Qx6+cQYG9zixWEhb5fFosCiycXdbh2AxkYHmKvIX2e6gMhkzKk8yJcWjWPJA05Jr8kO//xeyT5noXXKbPu3Q8qRUwR7
yy02LG/LNrFTRMtVylW8y7RReRrMqRhDTcz4CAFDzeftc/nOAGCU99BczAih0jJD5k/TzKqK1tSbfbIc1MYRqJDYqvxLhNk8B3Uv
2iWs+0zbHfJq7dwOQUYU3CK4aOTc3xJR6N27oB5j4t553bbkAF4sFeXMPgL15vc/GhXnbLV9X+peTE4I6nDYDXXsBC5Sz+zS4iDw
7qtivuDz02oa6vQT5jTe9Hz/sDv0lO6hsvUVPUZ998qHIEL3/H7gQ/gwyBbk+GxNEC74v3mlV/jeJMSp+bAIFhv6IjUfN/pwU8ki
/EqsfcH87Khupf3FRkkL/o3htP//8ZiePA==
"""


def is_common(folded: str) -> bool:
    """Whether the password, in folded case, is one of them. Of 4 * 10^9 others one is taken for one of
    them."""
    return sha256(folded.encode()).digest()[:_BYTES] in _known()


@cache
def _known() -> frozenset[bytes]:
    packed = b64decode(_DIGESTS)
    return frozenset(packed[start : start + _BYTES] for start in range(0, len(packed), _BYTES))
