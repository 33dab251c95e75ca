"""What stands in files at random: scalars, collections and worse, and the places where they may stand."""

from __future__ import annotations

import re

_WRITTEN = r"""
a  b  k  x y  acme  Jana Weber  Öztürk  東京  😀  a-b  a.b  O'Neil  so "x"  é  hubspot  partner  default
owner  contact  clients  version  users  override  note  true  false  True  FALSE  null  Null  NULL  ~
yes  no  on  off  y  n  Yes  0  1  12  4711  -1  -0  +1  007  00  -07  1_000  1__0  0b1  0o17  0x1f
0X1F  -0x1f  +0b1  0b  0x  1e3  1E3  1e  1.5  1.  .5  -.5  1.e3  1.5e-3  6.02E+23  .inf  -.inf  +.INF
.nan  .NaN  inf  nan  Infinity  NaN  -inf  1:2  190:20:30  2026-12-21  2026-12-21 10:00
2026-12-21T10:00:00Z  12:30  1 2  12 May  3com  4711-acme  4711-kiel  1.2.3  12,5  1-  1 e3  1-e3
12 # c  999999999999999  9999999999999999  1000000000000000000  9223372036854775807  9223372036854775808
18446744073709551616  9999999999999999999999999999999999999999  ''  ""  'a'  "a"  'it''s'  'a  "a  'a'b
'a' b  'a: b'  "#x"  '12'  "12"  'true'  '~'  '<<'  ''''  'a #'  a'b'  ' a '  '[a]'  "{a}"  '-'  []  {}
[ ]  { }  [a]  [a, b]  [a,b]  [a, b,]  [a,, b]  [, a]  [a b, c]  [[a], [b]]  {a: b}  {a: b, c: d}  {a:b}
{a}  {a, b: c}  {a: }  {a: , b: c}  {a: b,}  { a: b }  {a: b: c}  [a: b]  [a: b, c: d]  {[a]: b}
{a: [b, {c: d}]}  {'a': b}  {'a':b}  {"a": 1}  {a: 1, a: 2}  {1: 2}  {true: 1}  {a: b]  [a}  [a  {a: b
a]  a}  [a]]  [a] b  {a: b}c  {a: b} # c  [a] #c  [a]#c  [a # b]  [a, # b  {? a: b}  {? a : b}  [? a]
[-]  [- a]  [-1, 0, 1.5]  [null, ~, true]  [a:]  [a:b]  [:a]  {a: :b}  {:a: b}  [a?]  [a ?b]  [?a]  &a b
*a  !x b  !!str 1  ! a  %a  @a  `a`  |  >  |-  ? a  : a  - a  -a  -  ?  :  ::  a:  a: b  a:b  a::b  a :b
a : b  a #b  a# b  a#b  #  # a  a: #b  http://a.example:80/x?y=1,2#z  a@b.example  <<  =  ...  ---
a ...  a ---  --- a  %YAML 1.2  ²  ½  ٣  १२  Ⅷ  ª1
"""

WORDS = (
    *re.split(r"\s{2,}|\n", _WRITTEN.strip()),
    *("9" * 101, "1" * 128, r'"\n"', r'"\x41"', "'\t'", " #a", "a\\b", "a\tb", "\ta", "a\t", "a\t# b", "a\r"),
    *("a\u00a0", "\u3000a", "a\u2028b", "a\u0085b", "\ufeff", "a\u200bb", "a\0b"),
    *("12.example", "1.ex", "1.e", "1.e+1", "1.inf", "0.nan", "1.ee3", "1..a", "1.a1", "0x1.ab", "1_0.ab"),
    *("'a''b'", "''a'", "'a''", "'''a'''", "'a'' b'", "'''", "''''''", "'a''': b", "'it''s', b"),
    *("1.E2a", "1.5a", "0.x1"),
    *("a" * 126, "a" * 127, "a" * 128, "a" * 129, "'" + "a" * 127 + "'"),
)
"""What two readers of YAML may take for different things, and what they should not."""

KEYS = ("a", "b", "c", "d", "'e'", '"f"', "g", "k", "'12'", "4711", "0", "a.b", "on", "x-1", "_x", "nullable")
FLOW_KEYS = tuple(key for key in KEYS if not key.isdigit())
VALUES = ("a", "b c", "Jana", "Öztürk", "'x: y'", '"#"', "12", "0", "-3", "true", "null", "no", "2026-12-21")
"""What files mostly consist of."""

COLONS = (": ", ":", ":  ", " : ")
SIGNS = "ab1:-#'\"[]{},&*!|>?%@\\~ \n\t\r.é\0\u2028\u00a0_0xe"

CONTEXTS = (
    *("k: ¤\n", "k: ¤", "k:   ¤  \n", "k: ¤ # c\n", "k: ¤\nl: m\n", "k: ¤\n  l: m\n", "k: ¤\n  - m\n"),
    *("k: ¤\n- m\n", "k: ¤\n  m\n", "k: ¤\n\n  m\n", "k: ¤\n# c\n  - m\n", "k: ¤\n  # c\n", "k:\n  ¤\n"),
    *("k:\n  - ¤\n", "k:\n- ¤\n", "k:\n  - - ¤\n", "k:\n  - l: ¤\n    m: n\n", "k:\n  - ¤\n  - m\n"),
    *("k:\n  - ¤\n    m: n\n", "k:\n  l: ¤\n", "k:\n  l: ¤\nm: n\n", "k:\n  l: ¤\n m: n\n", "k:\n  ¤: v\n"),
    *("k: [¤]\n", "k: [a, ¤]\n", "k: [¤, a]\n", "k: [¤\n", "k: ¤]\n", "k: {a: ¤}\n", "k: {a: ¤, b: c}\n"),
    *("k: {b: c, a: ¤}\n", "k: {¤: v}\n", "k: {a: {b: ¤}}\n", "k: [{a: ¤}]\n", "k: [[¤]]\n"),
    *("¤: v\n", "¤:\n", "¤: v\nk: w\n", "k: v\n¤: w\n", "  ¤: v\n", "- ¤\n", "- ¤: v\n", "¤\n", "¤\nk: v\n"),
    *("k: v\n¤\n", "k: v ¤\n", "k: ¤ v\n", "k: 'v' ¤\n", "k: [v] ¤\n", "k: v\n  ¤: w\n", "---\nk: ¤\n"),
    *("# c\n---\nk: ¤\n", "k: ¤\n---\n", "k: ¤\n...\n", "--- ¤\n", "'k': ¤\n", "k : ¤\n", "? ¤\n: v\n"),
    *("k:\n  - ¤: v\n", "k: ¤\nk: ¤\n", "12: ¤\n'12': v\n", "k:\n  12: ¤\n  13: v\n", "k: >\n  ¤\n"),
)  # fmt: skip
"""Where in a file something may stand: at the ¤."""
