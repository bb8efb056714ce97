// Runs of code points with the same classes: length, flags (base 36).
//
// Written by Scripts/make-unicode-tables.py (tokenizers 0.23.3); do not edit.

enum CharacterClassData {
    static let text: StaticString = """
        9 1s 2 4 2 1w 1 4 i 1s 1 4 3 eg 1 so 6 eg 1 so 4 eg a 1e 2 eg 3 so 2 eg q x 3 eg 1 so 1 fc 1 so q x 1 eg
        1 so 1 eg 1 so 6 1s 1 1w q 1s 1 4 1 eg 5 sg 1 eg 2 sg 1 x 1 eg 1 sg 1 1s 4 sg 2 i 1 sg 1 x 2 eg 1 sg 1 i 1 x
        1 eg 3 i 1 eg n x 1 sg v x 1 sg cq x 4 sg c x e sg 5 x 7 sg 1 x 1 sg 1 x h sg 34 1wg 5 x 1 sg 2 x 2 0 4 x
        1 eg 1 x 4 0 2 sg 1 x 1 eg 3 x 1 0 1 x 1 0 k x 1 0 2b x 1 sg 3v x 1 sg 5 1wg 2 1sw 4m x 1 0 12 x 2 0 1 x
        6 eg 15 x 2 eg 2 0 3 sg 1 0 19 1wg 1 eg 1 1wg 1 eg 2 1wg 1 eg 2 1wg 1 eg 1 1wg 8 0 r x 4 0 4 x 2 eg b 0 6 1s
        3 sg 2 eg 1 sg 2 eg 2 sg b 1wg 1 eg 1 1s 1 e8 2 eg 17 x l 1wg a 1e 4 eg 2 x 1 1wg 2r x 1 eg 1 x 7 1wg 1 1s
        1 sg 6 1wg 2 x 2 1wg 1 sg 4 1wg 2 x a 1e 3 x 2 sg 1 x e eg 1 0 1 1s 1 x 1 1wg u x r 1wg 2 0 2h x b 1wg 1 x
        e 0 a 1e x x 9 1wg 2 x 1 sg 3 eg 1 x 2 0 1 1ls 2 sg m x 4 1wg 1 x 9 1wg 1 x 3 1wg 1 x 5 1wg 2 0 f eg 1 0 p x
        3 1wg 2 0 1 eg 1 0 b x 5 0 o x 1 sg 6 x 8 0 9 1ls 16 x a 1ls e 1sw 1 0 w 1wg 1 1sw 1i x 1 1wg 1 1sw 1 1wg
        1 x 3 1sw 8 1wg 4 1sw 1 1wg 2 1sw 1 x 7 1wg a x 2 1wg 2 eg a 1e 1 eg g x 1 1wg 2 1sw 1 0 8 x 2 0 2 x 2 0 m x
        1 0 7 x 1 0 1 x 3 0 4 x 2 0 1 1wg 1 x 3 1sw 4 1wg 2 0 2 1sw 2 0 2 1sw 1 1wg 1 x 8 0 1 1sw 4 0 2 x 1 0 3 x
        2 1wg 2 0 a 1e 2 x 2 sg 6 i 2 sg 1 x 1 e8 1 1ls 2 0 2 1wg 1 1sw 1 0 6 x 4 0 2 x 2 0 m x 1 0 7 x 1 0 2 x 1 0
        2 x 1 0 2 x 2 0 1 1wg 1 0 3 1sw 2 1wg 4 0 2 1wg 2 0 3 1wg 3 0 1 1wg 7 0 4 x 1 0 1 x 7 0 a 1e 2 1wg 3 x 1 1wg
        1 e8 a 0 2 1wg 1 1sw 1 0 9 x 1 0 3 x 1 0 m x 1 0 7 x 1 0 2 x 1 0 5 x 2 0 1 1wg 1 x 3 1sw 5 1wg 1 0 2 1wg
        1 1sw 1 0 2 1sw 1 1wg 2 0 1 x f 0 2 x 2 1wg 2 0 a 1e 1 eg 1 sg 7 0 1 x 6 1ls 1 0 1 1wg 2 1sw 1 0 8 x 2 0 2 x
        2 0 m x 1 0 7 x 1 0 2 x 1 0 5 x 2 0 1 1wg 1 x 1 1sw 1 1wg 1 1sw 4 1wg 2 0 2 1sw 2 0 2 1sw 1 1wg 7 0 1 1ls
        1 1wg 1 1sw 4 0 2 x 1 0 3 x 2 1wg 2 0 a 1e 1 sg 1 x 6 i a 0 1 1wg 1 x 1 0 6 x 3 0 3 x 1 0 4 x 3 0 2 x 1 0
        1 x 1 0 2 x 3 0 2 x 3 0 3 x 3 0 c x 4 0 2 1sw 1 1wg 2 1sw 3 0 3 1sw 1 0 3 1sw 1 1wg 2 0 1 x 6 0 1 1sw e 0
        a 1e 3 i 8 sg 5 0 1 1wg 3 1sw 1 1ls 8 x 1 0 3 x 1 0 n x 1 0 g x 2 0 1 1ls 1 x 3 1wg 4 1sw 1 0 3 1wg 1 0
        4 1wg 7 0 2 1wg 1 0 3 x 2 0 1 x 2 0 2 x 2 1wg 2 0 a 1e 7 0 1 e8 7 i 1 sg 1 x 1 1wg 2 1sw 1 e8 8 x 1 0 3 x
        1 0 n x 1 0 a x 1 0 5 x 2 0 1 1wg 1 x 1 1sw 1 1wg 5 1sw 1 0 1 1wg 2 1sw 1 0 2 1sw 2 1wg 7 0 2 1sw 6 0 2 x
        1 0 2 x 2 1wg 2 0 a 1e 1 0 2 x 1 1ls c 0 1 1ls 1 1wg 2 1sw 9 x 1 0 3 x 1 0 15 x 2 1ls 1 x 3 1sw 4 1wg 1 0
        3 1sw 1 0 3 1sw 1 1wg 1 x 1 sg 4 0 3 x 1 1sw 7 i 3 x 2 1wg 2 0 a 1e 9 i 1 sg 6 x 1 0 1 1ls 2 1sw 1 0 i x 3 0
        o x 1 0 9 x 1 0 1 x 2 0 7 x 3 0 1 1wg 4 0 3 1sw 3 1wg 1 0 1 1wg 1 0 8 1sw 6 0 a 1e 2 0 2 1sw 1 eg c 0 1c x
        1 1wg 2 x 7 1wg 4 0 1 sg 7 x 8 1wg 1 eg a 1e 2 eg 11 0 2 x 1 0 1 x 1 0 5 x 1 0 o x 1 0 1 x 1 0 a x 1 1wg 2 x
        6 1wg 1 1ls 2 1wg 1 x 2 0 5 x 1 0 1 x 1 0 6 1wg 1 1ls 1 0 a 1e 2 0 4 x w 0 1 x 3 sg f eg 1 sg 1 eg 3 sg
        2 1wg 6 sg a 1e a i 1 sg 1 1wg 1 sg 1 1wg 1 sg 1 1wg 4 eg 2 1sw 8 x 1 0 10 x 4 0 e 1wg 1 1sw 5 1wg 1 eg
        2 1wg 5 x b 1wg 1 0 10 1wg 1 0 8 sg 1 1wg 6 sg 1 0 2 sg 5 eg 4 sg 2 eg 11 0 17 x 2 1sw 4 1wg 1 1sw 6 1wg
        1 1sw 2 1wg 2 1sw 2 1wg 1 x a 1e 6 eg 6 x 2 1sw 2 1wg 4 x 3 1wg 1 x 3 1sw 2 x 7 1sw 3 x 4 1wg d x 1 1wg
        2 1sw 2 1wg 6 1sw 1 1wg 1 x 1 1sw a 1e 3 1sw 1 1wg 2 sg 12 x 1 0 1 x 5 0 1 x 2 0 17 x 1 eg 99 x 1 0 4 x 2 0
        7 x 1 0 1 x 1 0 4 x 2 0 15 x 1 0 4 x 2 0 x x 1 0 4 x 2 0 7 x 1 0 1 x 1 0 4 x 2 0 f x 1 0 1l x 1 0 4 x 2 0
        1v x 2 0 3 1wg 9 eg k i 3 0 g x a sg 6 0 2e x 2 0 6 x 2 0 1 eg h8 x 1 so 1 eg h x 1 4 q x 2 eg 3 0 23 x 3 eg
        3 1e 8 x 7 0 i x 3 1wg 1 1ls 9 0 j x 3 1wg 2 eg 9 0 i x 2 1wg c 0 d x 1 0 3 x 1 0 2 1wg c 0 1g x 2 1wg 1 1sw
        7 1wg 8 1sw 1 1wg 2 1sw b 1wg 3 eg 1 x 3 eg 1 sg 1 x 1 1wg 2 0 a 1e 6 0 a i 6 0 b eg 3 1wg 1 1s 1 1ls a 1e
        6 0 2h x 7 0 5 x 2 1sw y x 1 1wg 1 x 5 0 1y x a 0 v x 1 0 3 1wg 4 1sw 2 1wg 3 1sw 4 0 2 1sw 1 1wg 6 1sw
        3 1wg 4 0 1 sg 3 0 2 eg a 1e u x 2 0 5 x b 0 18 x 4 0 q x 6 0 a 1e 1 i 3 0 y sg n x 2 1wg 2 1sw 1 1wg 2 0
        2 eg 1h x 1 1sw 1 1wg 1 1sw 7 1wg 1 0 1 1wg 1 1sw 1 1wg 2 1sw 8 1wg 6 1sw a 1wg 2 0 1 1wg a 1e 6 0 a 1e 6 0
        7 eg 1 x 6 eg 2 0 e 1wg 1 1sw g 1ls 1d 0 4 1wg 1 1sw 1b x 1 1wg 1 1sw 5 1wg 1 1sw 1 1wg 5 1sw 1 1wg 2 1sw
        8 x 1 0 2 e8 a 1e 7 eg a sg 9 1wg 9 sg 3 e8 2 1wg 1 1sw u x 1 1sw 4 1wg 2 1sw 2 1wg 1 1sw 3 1wg 2 x a 1e
        18 x 1 1wg 1 1sw 2 1wg 3 1sw 1 1wg 1 1sw 3 1wg 2 1sw 8 0 4 eg 10 x 8 1sw 8 1wg 2 1sw 2 1wg 3 0 5 eg a 1e 3 0
        3 x a 1e 10 x 2 eg b x 5 0 17 x 2 0 3 x 8 eg 8 0 3 1wg 1 eg d 1wg 1 1sw 7 1wg 4 x 1 1wg 4 x 2 81 1 1wg 2 x
        1 1ls 2 1wg 1 x 5 0 5c x 1i 1wg 5 1ls 1 1sw 4 1wg 7q x 2 0 6 x 2 0 12 x 2 0 6 x 2 0 8 x 1 0 1 x 1 0 1 x 1 0
        1 x 1 0 v x 2 0 1h x 1 0 7 x 1 sg 1 x 3 sg 3 x 1 0 7 x 3 sg 4 x 2 0 6 x 1 0 3 sg d x 3 sg 2 0 3 x 1 0 7 x
        2 sg 1 0 b 4 1 1s 2 2o 2 1s o eg 2 4 5 1s 1 4 f eg 2 fc 3 eg 1 sg d eg 1 sg 1 eg 1 fc a eg 1 4 5 1s 1 0 a 1s
        1 i 1 x 2 0 6 i 3 sg 2 eg 1 x a i 3 sg 2 eg 1 0 d x 3 0 x sg f 0 d 1wg 4 1sw 1 1wg 3 1sw c 1wg f 0 2 sg 1 x
        4 sg 1 x 2 sg a x 1 sg 1 x 3 sg 5 x 6 sg 1 x 1 sg 1 x 1 sg 1 x 1 sg 4 x 1 sg b x 2 sg 4 x 5 sg 5 x 4 sg 1 x
        1 sg g i z 1e 2 x 4 1e 1 i 2 sg 4 0 ag sg 4 eg t sg 2 eg 73 sg m 0 b sg l 0 1o i q sg 1g tc m i h4 sg e eg
        u i 1d sg 2 eg v sg a eg b7 sg m eg 1r sg 4 eg w sg 2 eg ae sg 2 0 w sg 1 0 2x sg 6d x 6 sg 4 x 3 1wg 2 x
        5 0 4 eg 1 i 2 eg 12 x 1 0 1 x 5 0 1 x 2 0 1k x 7 0 1 x 1 eg e 0 1 1wg n x 9 0 7 x 1 0 7 x 1 0 7 x 1 0 7 x
        1 0 7 x 1 0 7 x 1 0 7 x 1 0 7 x 1 0 w 1wg 1b eg 1 x j eg d e8 2 sg c e8 y 0 q sg 1 0 2h sg c 0 5y sg q 0
        g sg 1 4 3 eg 1 sg 2 x 1 1e a eg 2 sg c eg 1 sg 9 1e 4 1wg 2 1sw 1 eg 5 x 2 sg 3 1e 2 x 1 eg 2 sg 1 0 2e x
        2 0 2 1wg 2 sg 3 x 1 eg 2i x 1 eg 4 x 5 0 17 x 1 0 2m x 1 0 2 sg 4 i a sg w x 12 sg 9 0 1 sg g x v sg 1 0
        a i u sg 8 i 1 sg f i w sg a i 13 sg f i 8w sg 534 x 1s sg h3h x 3 0 1j sg 9 0 1a x 2 eg 7h x 3 eg g x a 1e
        2 x k 0 1b x 1 1wg 3 1sw 1 eg a 1wg 1 eg v x 2 1wg 1y x a 1e 2 1wg 6 eg 8 0 n sg 9 x 2 sg 2v x 2 sg 1v x 2 0
        2 x 1 0 1 x 1 0 8 x l 0 g x 1 1wg 3 x 1 1wg 4 x 1 1wg n x 2 1sw 2 1wg 1 1sw 4 sg 1 1ls 3 0 6 i 4 sg 6 0 1g x
        4 eg 8 0 2 1sw 1e x g 1sw 1 1wg 1 1sw 8 0 2 eg a 1e 6 0 i 1wg 6 x 3 eg 1 x 1 eg 2 x 1 1ls a 1e s x 8 1wg
        2 eg n x b 1wg 2 1sw b 0 1 eg t x 3 0 3 1wg 1 1sw 1b x 1 1wg 2 1sw 4 1wg 2 1sw 1 1wg 4 1sw d eg 1 0 1 x a 1e
        4 0 2 eg 5 x 1 1wg a x a 1e 5 x 1 0 15 x 6 1wg 2 1sw 2 1wg 2 1sw 2 1wg 9 0 3 x 1 1wg 8 x 1 1wg 1 1sw 2 0
        a 1e 2 0 4 eg n x 3 sg 1 x 1 1sw 1 1wg 1 1sw 1e x 1 1wg 1 x 3 1wg 2 x 2 1wg 5 x 2 1wg 1 x 1 1wg 1 x o 0 3 x
        2 eg b x 1 1sw 2 1wg 2 1sw 2 eg 3 x 1 1sw 1 1wg a 0 6 x 2 0 6 x 2 0 6 x 9 0 7 x 1 0 7 x 1 0 17 x 1 sg e x
        2 sg 4 0 37 x 2 1sw 1 1wg 2 1sw 1 1wg 2 1sw 1 eg 1 1sw 1 1wg 2 0 a 1e 6 0 8mc x c 0 n x 4 0 1d x 1l0 0
        4xs 1s a6 x 2 0 2y x 12 0 7 x c 0 5 x 5 0 1 x 1 1wg a x 1 sg d x 1 0 5 x 1 0 1 x 1 0 2 x 1 0 2 x 1 0 30 x
        h sg g 0 a3 x 2 eg g sg 1s x 2 0 1i x 7 0 1 sg w 0 c x 4 sg g 1wg a eg 6 0 g 1wg 3 eg 2 fc o eg 3 fc 3 eg
        1 0 e eg 1 sg 1 eg 3 sg 1 0 1 eg 1 sg 2 eg 4 0 5 x 1 0 3r x 2 0 1 1s 1 0 3 eg 1 sg 6 eg 1 sg 4 eg a 1e 2 eg
        3 sg 2 eg q x 3 eg 1 sg 1 fc 1 sg q x 1 eg 1 sg 1 eg 1 sg 7 eg 2h x 3 0 6 x 2 0 6 x 2 0 6 x 2 0 3 x 3 0 7 sg
        1 0 7 sg a 0 3 1s 1 sg 1 u8 2 0 c x 1 0 q x 1 0 j x 1 0 2 x 1 0 f x 2 0 e x y 0 3f x 5 0 3 eg 4 0 19 i 3 0
        9 sg 1h 1e 4 i h sg 2 i 3 sg 1 0 d sg 3 0 1 sg 1b 0 19 sg 1 1wg 3m 0 t x 3 0 1d x f 0 1 1wg r i 4 0 w x 4 i
        9 0 k x 1 1e 8 x 1 1e 5 0 12 x 5 1wg 5 0 u x 1 0 1 eg 10 x 4 0 8 x 1 eg 5 1e 16 0 4e x 2 0 a 1e 6 0 10 x 4 0
        10 x 4 0 14 x 8 0 1g x b 0 1 eg b x 1 0 f x 1 0 7 x 1 0 2 x 1 0 b x 1 0 f x 1 0 7 x 1 0 2 x 3 0 1g x c 0
        8n x 9 0 m x a 0 8 x o 0 6 x 1 0 16 x 1 0 9 x 1x 0 6 x 2 0 1 x 1 0 18 x 1 0 2 x 3 0 1 x 2 0 n x 1 0 1 eg 8 i
        n x 2 sg 7 i v x 8 0 9 i 1c 0 j x 1 0 2 x 5 0 5 i m x 6 i 3 0 1 eg q x 5 0 1 eg 1s 0 1k x 4 0 2 i 2 x g i
        2 0 1a i 1 x 3 1wg 1 0 2 1wg 5 0 4 1wg 4 x 1 0 3 x 1 0 t x 2 0 3 1wg 4 0 1 1wg 9 i 7 0 9 eg 7 0 t x 2 i 1 eg
        t x 3 i w 0 8 x 1 sg s x 2 1wg 4 0 5 i 7 eg 9 0 1i x 3 0 7 eg m x 2 0 8 i j x 5 0 8 i i x 7 0 4 eg c 0 7 i
        28 0 21 x 1j 0 1f x d 0 1f x 7 0 6 i 10 x 4 1ls 8 0 a 1e 6 0 a 1e s x 3 0 5 1ls 1 e8 n x 8 0 2 sg 5s 0 v i
        1 0 16 x 1 0 2 1ls 1 e8 2 0 2 x g 0 3 x 1j 0 4 1ls t x a i 1 x 8 0 m x b 1ls 4 i 5 e8 m 0 i x 4 1ls 4 e8
        12 0 l x 7 i k 0 n x 9 0 1 1sw 1 1wg 1 1sw 1h x f 1wg 7 eg 4 0 k i a 1e 1 1ls 2 x 2 1ls 1 x 9 0 3 1wg 1 1sw
        19 x 3 1sw 4 1wg 2 1sw 2 1wg 2 eg 1 1s 4 eg 1 1ls d 0 p x 7 0 a 1e 6 0 3 1wg 10 x 5 1wg 1 1sw 8 1wg 1 0 a 1e
        4 eg 1 x 2 1ls 1 x 8 0 z x 1 1wg 2 eg 1 x 9 0 2 1wg 1 1sw 1c x 3 1sw 9 1wg 2 1sw 4 x 4 eg 1 1m0 3 1wg 1 eg
        2 1ls a 1e 1 x 1 eg 1 x 3 eg 1 0 k i b 0 i x 1 0 p x 3 1sw 3 1wg 2 1sw 1 1wg 1 1sw 2 1wg 6 eg 1 1sw 2 x
        1 1ls 1q 0 7 x 1 0 1 x 1 0 4 x 1 0 f x 1 0 a x 1 eg 6 0 1b x 1 1wg 3 1sw 8 1wg 5 0 a 1e 6 0 2 1wg 2 1sw 1 0
        8 x 2 0 2 x 2 0 m x 1 0 7 x 1 0 2 x 1 0 5 x 1 0 1 1ls 1 1wg 1 x 2 1sw 1 1wg 4 1sw 2 0 2 1sw 2 0 3 1sw 2 0
        1 x 6 0 1 1sw 5 0 5 x 2 1sw 2 0 7 1wg 3 0 5 1wg b 0 a x 1 0 1 x 2 0 1 x 1 0 12 x 1 0 1 x 9 1ls 1 0 1 1ls 2 0
        1 1ls 1 0 4 1ls 1 0 5 1ls 1 x 1 1ls 1 x 2 e8 1 0 2 e8 8 0 2 1ls t 0 1h x i 1sw 4 x 5 e8 a 1e 2 e8 1 0 1 e8
        1 1ls 3 x u 0 1c x 3 1sw 6 1wg 1 1sw 1 1wg 4 1sw 2 1wg 1 1sw 2 1wg 2 x 1 eg 1 x 8 0 a 1e 4m 0 1b x 3 1sw
        4 1wg 2 0 4 1sw 2 1wg 1 1sw 2 1wg n eg 4 x 2 1wg y 0 1c x 3 1sw 8 1wg 2 1sw 1 1wg 1 1sw 2 1wg 3 eg 1 x b 0
        a 1e 6 0 d e8 j 0 17 x 1 1wg 1 1sw 1 1wg 2 1sw 6 1wg 1 1sw 1 1wg 1 x 1 e8 6 0 a 1e 6 0 k 1e s 0 r x 2 0
        3 1wg 2 1sw 4 1wg 1 1sw 5 1wg 4 0 a 1e 2 i 3 eg 1 sg 7 x 55 0 18 x f 1ls 1 e8 2s 0 1s x a 1e 9 i c 0 8 x 2 0
        1 x 2 0 8 x 1 0 2 x 1 0 o x 6 1ls 1 0 2 1ls 2 0 4 1ls 1 x 1 1ls 1 x 2 1ls 3 e8 9 0 a 1e 1y 0 8 x 2 0 13 x
        7 1ls 2 0 7 1ls 1 x 1 e8 1 x 1 1ls r 0 1 x a 1ls 14 x 7 1ls 1 x 4 1ls 8 e8 1 1ls 8 0 1 x b 1ls 1a x g 1ls
        3 e8 1 x 5 e8 d 0 21 x 7 0 a e8 52 0 x x 1 e8 e 0 a 1e 6 0 9 x 1 0 11 x 8 1sw 1 0 8 1sw 1 x 5 e8 a 0 a 1e
        j i 3 0 2 e8 u x 2 0 m 1sw 1 0 e 1sw 21 0 7 x 1 0 2 x 1 0 12 x 6 1ls 3 0 1 1ls 1 0 2 1ls 1 0 7 1ls 1 x 1 1ls
        8 0 a 1e 6 0 6 x 1 0 2 x 1 0 w x 5 1ls 1 0 2 1ls 1 0 5 1ls 1 x 7 0 a 1e 1i 0 a g 6u 0 j x 4 1ls 2 e8 7 0
        2 1ls 1 x 1 1ls d x 1 0 y x 7 1ls 3 0 5 1ls d e8 a 1e 1 1ls 2d 0 1 x f 0 l i t sg d 0 1 e8 pm x 2u 0 33 1e
        1 0 5 eg b 0 5g x 218 0 2p x 2 e8 d 0 ts x g 0 1 1ls 6 x f 1ls a 0 32z x 5 0 g7 x 5a1 0 u x i 1ls a 1e 1c6 0
        ft x 7 0 v x 1 0 a 1e 4 0 2 eg 27 x 1 0 a 1e 6 0 u x 2 0 5 1wg 1 eg a 0 1c x 7 1wg 5 eg 4 sg 4 x 1 eg 1 sg
        a 0 a 1e 1 0 7 i 1 0 l x 5 0 j x c0 0 19 x 3 e8 a 1e 5i 0 1s x n i 4 e8 2t 0 23 x 4 0 1 1ls 1 x 1a 1sw 9 1ls
        7 0 4 1wg d x 1s 0 2 x 1 e8 1 x 1 1ls b 0 2 1ls 2 0 3 g 9 0 4qg x 8 0 ye x 15 0 a x 6w7 0 4 x 1 0 7 x 1 0
        2 x 1 0 83 x f 0 1 x t 0 3 x 2 0 1 x e 0 4 x 8 0 b0 x 1s4 0 2z x 5 0 d x 3 0 9 x 7 0 a x 2 0 1 sg 2 1wg 1 eg
        4 1s 318 0 6o sg a 1e 6 0 c4 sg 24 0 1a 1ls 2 0 n 1ls 9 0 38 sg 1o 0 6u sg a 0 13 sg 2 0 1o sg 2 1sw 3 1wg
        3 sg 6 1sw 8 1s 8 1wg 2 sg 7 1wg u sg 4 1wg 1p sg l 0 1u sg 3 1wg 1 sg 3e 0 k i c 0 k i c 0 2f sg 9 0 p i
        3r 0 2d x 1 0 1z x 1 0 2 x 2 0 1 x 2 0 2 x 2 0 4 x 1 0 c x 1 0 1 x 1 0 7 x 1 0 1t x 1 0 4 x 2 0 8 x 1 0 7 x
        1 0 s x 1 0 4 x 1 0 5 x 1 0 1 x 3 0 7 x 1 0 9g x 2 0 p x 1 sg p x 1 sg v x 1 sg p x 1 sg v x 1 sg p x 1 sg
        v x 1 sg p x 1 sg v x 1 sg p x 1 sg 8 x 2 0 1e 1e e8 sg 1j 1wg 4 sg 1e 1wg 8 sg 1 1wg e sg 1 1wg 2 sg 5 eg
        f 0 5 1wg 1 0 f 1wg uo 0 v x 6 0 6 x 5x 0 7 1sw 1 0 h 1sw 2 0 7 1sw 1 0 2 1sw 1 0 5 1sw 5 0 1q x x 0 1 1ls
        34 0 19 x 3 0 7 1ls 7 x 2 0 a 1e 4 0 1 x 1 sg 8w 0 u x 1 1ls h 0 18 x 4 1ls a 1e 5 0 1 sg cw 0 s x 4 1ls
        a 1e 5y 0 u x 2 1ls 1 x a 1e 4 0 1 e8 dc 0 7 x 1 0 4 x 1 0 2 x 1 0 f x 1 0 5h x 2 0 9 i 7 1wg 15 0 1w x
        7 1sw 1 x 4 0 a 1e 4 0 2 e8 lt 0 1n i 1 sg 3 i 1 sg 4 i 24 0 19 i 1 sg f i 5e 0 4 x 1 0 r x 1 0 2 x 1 0 1 x
        2 0 1 x 1 0 a x 1 0 4 x 1 0 1 x 1 0 1 x 6 0 1 x 4 0 1 x 1 0 1 x 1 0 1 x 1 0 3 x 1 0 2 x 1 0 1 x 2 0 1 x 1 0
        1 x 1 0 1 x 1 0 1 x 1 0 1 x 1 0 2 x 1 0 1 x 2 0 4 x 1 0 7 x 1 0 4 x 1 0 4 x 1 0 1 x 1 0 a x 1 0 h x 5 0 3 x
        1 0 5 x 1 0 h x 1g 0 2 sg 7i 0 18 sg 4 0 2s sg c 0 f sg 2 0 f sg 1 0 f sg 1 0 11 sg a 0 d i z sg q tc 6 sg
        q tc 6 sg q tc 10 sg 1k 0 t sg d 0 18 sg 4 0 9 sg 7 0 2 sg e 0 6 sg 4a 0 rc sg 4 0 h sg 3 0 d sg 3 0 3b sg
        4 0 2n sg 6 0 c sg 4 0 1 sg f 0 c sg 4 0 1k sg 8 0 a sg 6 0 14 sg 8 0 u sg 2 0 c sg 4 0 2 sg 1q 0 9g sg c 0
        e sg 2 0 d sg 3 0 a sg 5 0 1k sg 7 0 f sg 2 0 b sg 6 0 9 sg 7 0 43 sg 1 0 2k sg a 1e sm 0 wyo x w 0 37e x
        6 0 66 x 2 0 4g2 x e 0 5rl x f 0 ha x 1wi 0 f2 x 15u 0 3t7 x 5 0 38g x f975 0 1 1s u 0 2o 1s 3k 0 6o 1wg
        1e6o 0 1eke 1s 2 0 1eke 1s 2 0
        """
}
