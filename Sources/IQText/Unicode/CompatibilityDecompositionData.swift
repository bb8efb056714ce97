// Compatibility decompositions, where not canonical: step from the last code point, code points (base 36).
//
// Written by Scripts/make-unicode-tables.py (tokenizers 0.23.3); do not edit.

enum CompatibilityDecompositionData {
    static let text: StaticString = """
        4g w 8 w,lk 2 2p 5 w,lg 3 1e 1 1f 1 w,ld 1 qk 3 w,mf 1 1d 1 33 2 1d,6dg,1g 1 1d,6dg,1e 1 1f,6dg,1g 38 21,22
        1 2x,2y c 24,53 1 30,53 9 jg,32 1i 37 1x 1w,2i,lo 1 1w,3e,lo 1 2s,3e,lo 1 24,22 1 24,2y 1 30,2y 1 26,22
        1 26,2y 1 32,2y 11 1w,2i 1 1w,3e 1 2s,3e 59 2w 1 h2 1 2y 1 36 1 hl 1 hn 1 ht 1 3b 1 3d w w,li 1 w,lj 1 w,lm
        1 w,mg 1 w,lf 1 w,ln 3 gz 1 30 1 37 1 3c 1 id 46 w,n9 a w,ld 1 w,lk,ld 23 qa 1 qg 1 px 1 px,ld 1 px,lk 1 qu
        1 qo q qi 1 qp 1 qq 2 pk 1 qd 4 pv b2 12d,136 6m 17r,19w 1 18o,19w 1 1c7,19w 1 18q,19w 1iz 2tp,2sy
        3k 2x9,2wi 15 2wb,2vt 1 2wb,2w1 1b 2yz 2z 33m,31t,328 2 33n,31t,328 ar 3bw 2eo 1t 1 5i 1 1u 2 1w 1 1x 1 b2
        1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 2 27 1 f6 1 28 1 2a 1 2c 1 2d 1 2f 1 2p 1 gg 1 gh 1 5qa 1 2q 1 2s
        1 2t 1 gp 1 gr 1 gs 1 2v 2 2z 1 31 1 97 1 33 1 gk 1 5qu 1 5qv 1 34 1 38 1 39 1 5r1 1 hb 1 3a 1 5r9 1 qa 1 qb
        1 qc 1 qu 1 qv 1 2x 1 36 1 39 1 3a 1 qa 1 qb 1 qp 1 qu 1 qv e u5 z gi 1 2r 1 gl 1 6o 1 gs 1 2u 1 gv 1 gx
        1 h1 1 h4 1 h5 1 h6 1 5tn 1 il 1 h9 1 5tx 1 in 1 hd 1 hc 1 he 1 hf 1 hg 1 hh 1 hk 1 hu 1 hv 1 bv 1 i1 1 i2
        1 5r0 1 i3 1 i4 1 3e 1 i8 1 i9 1 ia 1 qg 63 2p,ji 1 37,lj 82 w,lv 2 w,lv 1 w,n6 1 w,lk,n6 c w,lv,lc
        1 w,lv,ld 1 w,lv,n6 e w,lw,lc 1 w,lw,ld 1 w,lw,n6 e w,lk,lc 1 w,lk,ld f w,ld 1 w,lw 2 w 1 w 1 w 1 w 1 w 1 w
        1 w 1 w 1 w 1 w 1 w 7 6c0 6 w,mr d 1a 1 1a,1a 1 1a,1a,1a 9 w 4 6cy,6cy 1 6cy,6cy,6cy 2 6d1,6d1 1 6d1,6d1,6d1
        5 x,x 2 w,lh 9 1r,1r 1 1r,x 1 x,1r e 6cy,6cy,6cy,6cy 8 w h 1c 1 2x 3 1g 1 1h 1 1i 1 1j 1 1k 1 1l 1 17 1 6qa
        1 1p 1 14 1 15 1 32 1 1c 1 1d 1 1e 1 1f 1 1g 1 1h 1 1i 1 1j 1 1k 1 1l 1 17 1 6qa 1 1p 1 14 1 15 2 2p 1 2t
        1 33 1 3c 1 gp 1 2w 1 2z 1 30 1 31 1 32 1 34 1 37 1 38 c 2a,37 2g 2p,1b,2r 1 2p,1b,37 1 1v 1 4w,1v
        2 2r,1b,33 1 2r,1b,39 1 b4 2 4w,1y 1 2v 1 20 1 20 1 20 1 2w 1 87 1 21 1 21 1 24 1 30 2 26 1 26,33 3 28 1 29
        1 2a 1 2a 1 2a 3 2b,25 1 2c,1x,24 1 2c,25 2 2i 4 2i 4 1u 1 1v 2 2t 1 1x 1 1y 2 25 1 33 1 15c 1 15d 1 15e
        1 15f 1 2x 2 1y,1t,2g 1 qo 1 qb 1 pf 1 ps 1 6q9 5 1w 1 2s 1 2t 1 2x 1 2y 7 1d,6dg,1j 1 1d,6dg,1l
        1 1d,6dg,1d,1c 1 1d,6dg,1f 1 1e,6dg,1f 1 1d,6dg,1h 1 1e,6dg,1h 1 1f,6dg,1h 1 1g,6dg,1h 1 1d,6dg,1i
        1 1h,6dg,1i 1 1d,6dg,1k 1 1f,6dg,1k 1 1h,6dg,1k 1 1j,6dg,1k 1 1d,6dg 1 21 1 21,21 1 21,21,21 1 21,2e 1 2e
        1 2e,21 1 2e,21,21 1 2e,21,21,21 1 21,2g 1 2g 1 2g,21 1 2g,21,21 1 24 1 1v 1 1w 1 25 1 2x 1 2x,2x 1 2x,2x,2x
        1 2x,3a 1 3a 1 3a,2x 1 3a,2x,2x 1 3a,2x,2x,2x 1 2x,3c 1 3c 1 3c,2x 1 3c,2x,2x 1 30 1 2r 1 2s 1 31
        a 1c,6dg,1f 4j 6qz,6qz 1 6qz,6qz,6qz 2 6r2,6r2 1 6r2,6r2,6r2 fk 1d 1 1e 1 1f 1 1g 1 1h 1 1i 1 1j 1 1k 1 1l
        1 1d,1c 1 1d,1d 1 1d,1e 1 1d,1f 1 1d,1g 1 1d,1h 1 1d,1i 1 1d,1j 1 1d,1k 1 1d,1l 1 1e,1c 1 14,1d,15
        1 14,1e,15 1 14,1f,15 1 14,1g,15 1 14,1h,15 1 14,1i,15 1 14,1j,15 1 14,1k,15 1 14,1l,15 1 14,1d,1c,15
        1 14,1d,1d,15 1 14,1d,1e,15 1 14,1d,1f,15 1 14,1d,1g,15 1 14,1d,1h,15 1 14,1d,1i,15 1 14,1d,1j,15
        1 14,1d,1k,15 1 14,1d,1l,15 1 14,1e,1c,15 1 1d,1a 1 1e,1a 1 1f,1a 1 1g,1a 1 1h,1a 1 1i,1a 1 1j,1a 1 1k,1a
        1 1l,1a 1 1d,1c,1a 1 1d,1d,1a 1 1d,1e,1a 1 1d,1f,1a 1 1d,1g,1a 1 1d,1h,1a 1 1d,1i,1a 1 1d,1j,1a 1 1d,1k,1a
        1 1d,1l,1a 1 1e,1c,1a 1 14,2p,15 1 14,2q,15 1 14,2r,15 1 14,2s,15 1 14,2t,15 1 14,2u,15 1 14,2v,15
        1 14,2w,15 1 14,2x,15 1 14,2y,15 1 14,2z,15 1 14,30,15 1 14,31,15 1 14,32,15 1 14,33,15 1 14,34,15
        1 14,35,15 1 14,36,15 1 14,37,15 1 14,38,15 1 14,39,15 1 14,3a,15 1 14,3b,15 1 14,3c,15 1 14,3d,15
        1 14,3e,15 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b
        1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32
        1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1c 10i 6qz,6qz,6qz,6qz 2w 1m,1m,1p 1 1p,1p
        1 1p,1p,1p ee 2y 1 2e 6q 8yp 8g lal 2c vj3 d feo 1 ffs 1 fg6 1 fgf 1 fh5 1 fid 1 fik 1 fj4 1 fju 1 g1r 1 g2t
        1 g2z 1 g3m 1 g46 1 g4r 1 g68 1 g6t 1 g74 1 gbf 1 ge1 1 get 1 gey 1 gfs 1 gg1 1 ggs 1 gh5 1 ghu 1 gja 1 gjs
        1 gkj 1 h5j 1 h7j 1 hkb 1 hky 1 hl6 1 hlh 1 hlz 1 ho3 1 i1c 1 i2o 1 i60 1 i6n 1 i76 1 i7s 1 i9a 1 i9d 1 ijf
        1 ijp 1 ik1 1 ike 1 inm 1 inu 1 inz 1 ir8 1 iri 1 irv 1 is3 1 its 1 iu9 1 iur 1 iwz 1 jd4 1 jee 1 jez 1 jzj
        1 jzo 1 k1z 1 k2f 1 k2s 1 k3d 1 k4g 1 k4l 1 kc0 1 kco 1 kdk 1 l5s 1 l7m 1 l89 1 l9v 1 laj 1 las 1 laz 1 lcf
        1 lck 1 ldg 1 m7f 1 mju 1 mk6 1 mkb 1 mkf 1 mkn 1 ml5 1 ml7 1 mng 1 mtg 1 mtl 1 n30 1 n3a 1 n4o 1 n4v 1 n54
        1 n5c 1 n7v 1 n82 1 nee 1 nel 1 nfy 1 ngf 1 nhq 1 nob 1 noi 1 noz 1 ny2 1 o1k 1 o1q 1 o6s 1 o97 1 oah 1 okz
        1 ooo 1 p4m 1 p5d 1 p6y 1 p8d 1 pa9 1 pak 1 paq 1 pbn 1 pdr 1 pe1 1 pnn 1 pnu 1 po3 1 poc 1 pos 1 pp7 1 ppb
        1 pri 1 prm 1 prs 1 qj1 1 qjv 1 qww 1 qx8 1 qxv 1 r5q 1 r63 1 r82 1 r9c 1 rp3 1 rpi 1 rpx 1 rqw 1 rrx 1 rxg
        1 rxs 1 rzn 1 s6j 1 s7e 1 sd7 1 sds 1 sdx 1 sk1 1 sp5 1 ssm 1 sss 1 ssx 1 tiv 1 tj4 1 tng 1 trq 1 trt 1 tt4
        1 tw1 1 twe 1 twi 1 twp 1 tzf 1 u0d 1 u0j 1 u0x 1 u5k 1 u6z 1 u73 1 uc6 1 uc9 1 ucs 1 ujs 1 ul4 1 ulb 1 un9
        1 unj 1 unm 1 unw 1 uoq 1 uzp 1 vat 1 vb3 1 vc5 1 vcr 1 vcz 1 vd9 1 vdd 1 veh 1 vel 1 vf2 1 vf7 1 vfk 1 vgb
        1 vgq 1 vgy 1 vil 1 vj0 1 vj4 17 w 1i 9hu 2 gg1 1 gg4 1 gg5 2p w,9ll 1 w,9lm 3 9l4,9l6 2o 9mb,9mw 1e 3cw
        1 3cx 1 3hm 1 3cy 1 3ho 1 3hp 1 3cz 1 3d0 1 3d1 1 3hs 1 3ht 1 3hu 1 3hv 1 3hw 1 3hx 1 3dm 1 3d2 1 3d3 1 3d4
        1 3dt 1 3d5 1 3d6 1 3d7 1 3d8 1 3d9 1 3da 1 3db 1 3dc 1 3dd 1 3de 1 3fl 1 3fm 1 3fn 1 3fo 1 3fp 1 3fq 1 3fr
        1 3fs 1 3ft 1 3fu 1 3fv 1 3fw 1 3fx 1 3fy 1 3fz 1 3g0 1 3g1 1 3g2 1 3g3 1 3g4 1 3g5 1 3fk 1 3dg 1 3dh 1 3if
        1 3ig 1 3ik 1 3im 1 3ir 1 3iv 1 3ix 1 3do 1 3j1 1 3j3 1 3dp 1 3dq 1 3ds 1 3du 1 3dv 1 3dz 1 3e1 1 3e3 1 3e4
        1 3e5 1 3e6 1 3e7 1 3ea 1 3ee 1 3eo 1 3ev 1 3f0 1 3jl 1 3jm 1 3fb 1 3fc 1 3fd 1 3gk 1 3gl 1 3go 1 3gx 1 3gy
        1 3h0 1 3ha 1 3hd 4 feo 1 fik 1 fex 1 h5n 1 fey 1 ffx 1 fez 1 n5e 1 fh5 1 ffd 1 fep 1 hm1 1 h80 1 fju
        2p 14,3cw,15 1 14,3cy,15 1 14,3cz,15 1 14,3d1,15 1 14,3d2,15 1 14,3d3,15 1 14,3d5,15 1 14,3d7,15 1 14,3d8,15
        1 14,3da,15 1 14,3db,15 1 14,3dc,15 1 14,3dd,15 1 14,3de,15 1 14,3cw,3fl,15 1 14,3cy,3fl,15 1 14,3cz,3fl,15
        1 14,3d1,3fl,15 1 14,3d2,3fl,15 1 14,3d3,3fl,15 1 14,3d5,3fl,15 1 14,3d7,3fl,15 1 14,3d8,3fl,15
        1 14,3da,3fl,15 1 14,3db,3fl,15 1 14,3dc,3fl,15 1 14,3dd,3fl,15 1 14,3de,3fl,15 1 14,3d8,3fy,15
        1 14,3d7,3ft,3d8,3fp,3hn,15 1 14,3d7,3ft,3de,3fy,15 2 14,feo,15 1 14,fik,15 1 14,fex,15 1 14,h5n,15
        1 14,fis,15 1 14,g31,15 1 14,fer,15 1 14,g2z,15 1 14,fh9,15 1 14,gg1,15 1 14,kco,15 1 14,m7f,15 1 14,ldg,15
        1 14,kdk,15 1 14,ssx,15 1 14,h7j,15 1 14,k4l,15 1 14,kkq,15 1 14,kcp,15 1 14,ny6,15 1 14,glp,15 1 14,mm1,15
        1 14,rs1,15 1 14,nz1,15 1 14,gc4,15 1 14,fkz,15 1 14,gos,15 1 14,i1y,15 1 14,nhf,15 1 14,flt,15 1 14,rt3,15
        1 14,ggk,15 1 14,nzh,15 1 14,fm9,15 1 14,pnu,15 1 14,po3,15 1 gun 1 inw 1 k1z 1 oen 9 28,2c,1x 1 1e,1d
        1 1e,1e 1 1e,1f 1 1e,1g 1 1e,1h 1 1e,1i 1 1e,1j 1 1e,1k 1 1e,1l 1 1f,1c 1 1f,1d 1 1f,1e 1 1f,1f 1 1f,1g
        1 1f,1h 1 3cw 1 3cy 1 3cz 1 3d1 1 3d2 1 3d3 1 3d5 1 3d7 1 3d8 1 3da 1 3db 1 3dc 1 3dd 1 3de 1 3cw,3fl
        1 3cy,3fl 1 3cz,3fl 1 3d1,3fl 1 3d2,3fl 1 3d3,3fl 1 3d5,3fl 1 3d7,3fl 1 3d8,3fl 1 3da,3fl 1 3db,3fl
        1 3dc,3fl 1 3dd,3fl 1 3de,3fl 1 3da,3fl,3hz,3cw,3ft 1 3d8,3fy,3d7,3g4 1 3d7,3fy 2 feo 1 fik 1 fex 1 h5n
        1 fis 1 g31 1 fer 1 g2z 1 fh9 1 gg1 1 kco 1 m7f 1 ldg 1 kdk 1 ssx 1 h7j 1 k4l 1 kkq 1 kcp 1 ny6 1 glp 1 mm1
        1 rs1 1 nz1 1 gc4 1 o2g 1 n5j 1 ho3 1 six 1 g16 1 ghc 1 lig 1 u11 1 fm9 1 g49 1 l7n 1 fey 1 ffx 1 fez 1 ijq
        1 gkz 1 gfv 1 i3b 1 i1y 1 nhf 1 flt 1 rt3 1 ggk 1 hlo 1 1f,1i 1 1f,1j 1 1f,1k 1 1f,1l 1 1g,1c 1 1g,1d
        1 1g,1e 1 1g,1f 1 1g,1g 1 1g,1h 1 1g,1i 1 1g,1j 1 1g,1k 1 1g,1l 1 1h,1c 1 1d,kco 1 1e,kco 1 1f,kco 1 1g,kco
        1 1h,kco 1 1i,kco 1 1j,kco 1 1k,kco 1 1l,kco 1 1d,1c,kco 1 1d,1d,kco 1 1d,1e,kco 1 20,2v 1 2t,36,2v 1 2t,2e
        1 24,2c,1w 1 9lu 1 9lw 1 9ly 1 9m0 1 9m2 1 9m3 1 9m5 1 9m7 1 9m9 1 9mb 1 9md 1 9mf 1 9mh 1 9mj 1 9ml 1 9mn
        1 9mp 1 9ms 1 9mu 1 9mw 1 9my 1 9mz 1 9n0 1 9n1 1 9n2 1 9n3 1 9n6 1 9n9 1 9nc 1 9nf 1 9ni 1 9nj 1 9nk 1 9nl
        1 9nm 1 9no 1 9nq 1 9ns 1 9nt 1 9nu 1 9nv 1 9nw 1 9nx 1 9nz 1 9o0 1 9o1 1 9o2 2 9lu,9n3,9lm,9oc,9mw
        1 9lu,9nv,9n9,9lt 1 9lu,9o3,9nc,9lm,9lu 1 9lu,9oc,9nv 1 9lw,9mz,9o3,9m7,9ll 1 9lw,9o3,9mp 1 9ly,9m1,9o3
        1 9m0,9mh,9m7,9oc,9mw,9ll 1 9m0,9oc,9m3,9oc 1 9m2,9o3,9mh 1 9m2,9oc,9nk 1 9m3,9lw,9nu 1 9m3,9nt,9mr,9mw
        1 9m3,9nx,9nu,9oc 1 9m3,9ll,9nx,9o3 1 9m3,9ll,9o3,9ni 1 9m5,9ll,9m3,9ll 1 9m5,9ll,9mz,9oc 1 9m5,9np,9nu,9oc
        1 9m5,9ll,9nv,9mn,9ll,9oc 1 9m5,9nx 1 9m5,9nx,9m7,9ll,9nt,9nk 1 9m5,9nx,9nl,9oc,9mw,9nv
        1 9m5,9nx,9nz,9mr,9mw 1 9m7,9ll,9nt,9nk 1 9m7,9ll,9nt,9nk,9mw,9o3 1 9m7,9nv,9mj,9ll,9lw,9nx
        1 9m7,9nx,9oc,9n1 1 9m9,9oc,9mh 1 9mb,9nv,9my 1 9mb,9oc,9nf,9lm 1 9md,9lw,9m7,9nv 1 9md,9o3,9mp,9oc,9nk
        1 9mf,9nu,9o3,9m7,9ll 1 9mj,9o3,9mp 1 9mj,9o3,9mw 1 9mn,9ll,9oc,9mh 1 9mu,9ll,9mf 1 9mw,9ll,9nv 1 9mw,9o3
        1 9my,9n2 1 9n2,9mr,9mw 1 9n3,9lw,9ms 1 9n3,9lm,9oc,9mj,9o3,9mw 1 9n3,9lm,9oc,9ms 1 9n3,9ll,9oc,9nw,9nv
        1 9n6,9lm,9lu,9mh,9mw,9nv 1 9n6,9lm,9m7,9nv 1 9n6,9lm,9mb 1 9n6,9ll,9nv 1 9n9,9lt,9nt,9mr,9mw,9ll
        1 9n9,9lv,9oc,9mw 1 9n9,9ll,9mr,9mf,9lz,9nv 1 9n9,9nt,9o3 1 9nc,9m7,9mn,9oc,9nv 1 9nc,9lm,9ml
        1 9nc,9lm,9mz,9n6 1 9nc,9nv,9ms 1 9nc,9lm,9o3,9mh 1 9nc,9lm,9oc,9mf,9ll 1 9nc,9ll,9oc,9mn
        1 9nf,9lm,9lw,9o3,9mw 1 9nf,9ll,9nv,9mw 1 9nf,9o3 1 9nf,9lm,9o3,9mw,9ll 1 9nf,9oc,9nv 1 9nf,9oc,9o3
        1 9ni,9lw,9m7,9nx 1 9ni,9lw,9nv 1 9ni,9mr,9n3 1 9ni,9nv,9m7 1 9ni,9o3,9mf,9nr,9o3 1 9nj,9m7,9nx,9o3
        1 9nj,9nu 1 9nj,9nu,9n3,9ll,9oc,9nv 1 9nl,9m3,9ll 1 9nl,9m3,9ll,9mw,9o3 1 9nl,9oc,9mw,9nv 1 9no,9oc,9mw,9ll
        1 9no,9oc,9nv 1 9nq,9lu,9o3 1 9nu,9mr,9mw,9nv 1 9nu,9nt 1 9nv,9n6,9lm,9oc 1 9nv,9oc,9n9,9ll,9nv 1 9nw,9nk
        1 9nw,9o3,9mw,9m9,9ll,9o3 1 9nz,9mr,9mw 1 1c,m9l 1 1d,m9l 1 1e,m9l 1 1f,m9l 1 1g,m9l 1 1h,m9l 1 1i,m9l
        1 1j,m9l 1 1k,m9l 1 1l,m9l 1 1d,1c,m9l 1 1d,1d,m9l 1 1d,1e,m9l 1 1d,1f,m9l 1 1d,1g,m9l 1 1d,1h,m9l
        1 1d,1i,m9l 1 1d,1j,m9l 1 1d,1k,m9l 1 1d,1l,m9l 1 1e,1c,m9l 1 1e,1d,m9l 1 1e,1e,m9l 1 1e,1f,m9l 1 1e,1g,m9l
        1 2w,28,2p 1 2s,2p 1 1t,2d 1 2q,2p,36 1 33,2e 1 34,2r 1 2s,31 1 2s,31,1e 1 2s,31,1f 1 21,2d 1 inn,jdc
        1 k6l,gp8 1 hlz,l7n 1 k5q,lh7 1 kkq,irz,fmi,ny6 1 34,1t 1 32,1t 1 qk,1t 1 31,1t 1 2z,1t 1 23,1u 1 25,1u
        1 1z,1u 1 2r,2p,30 1 2z,2r,2p,30 1 34,1y 1 32,1y 1 qk,1y 1 qk,2v 1 31,2v 1 2z,2v 1 20,3e 1 2z,20,3e
        1 25,20,3e 1 1z,20,3e 1 2c,20,3e 1 qk,30 1 31,30 1 2s,30 1 2z,30 1 2u,31 1 32,31 1 qk,31 1 31,31 1 2r,31
        1 2z,31 1 31,31,1e 1 2r,31,1e 1 31,1e 1 2z,31,1e 1 31,31,1f 1 2r,31,1f 1 31,1f 1 2z,31,1f 1 31,6qd,37
        1 31,6qd,37,1e 1 28,2p 1 2z,28,2p 1 25,28,2p 1 1z,28,2p 1 36,2p,2s 1 36,2p,2s,6qd,37 1 36,2p,2s,6qd,37,1e
        1 34,37 1 32,37 1 qk,37 1 31,37 1 34,2e 1 32,2e 1 qk,2e 1 31,2e 1 2z,2e 1 25,2e 1 34,2f 1 32,2f 1 qk,2f
        1 31,2f 1 2z,2f 1 25,2f 1 2z,q1 1 25,q1 1 2p,1a,31,1a 1 1u,35 1 2r,2r 1 2r,2s 1 1v,6qd,2z,2v 1 1v,33,1a
        1 2s,1u 1 1z,3d 1 2w,2p 1 20,28 1 2x,32 1 23,23 1 23,25 1 2z,38 1 30,31 1 30,32 1 30,33,2v 1 30,3c 1 31,2q
        1 31,2x,30 1 31,33,30 1 28,20 1 34,1a,31,1a 1 28,28,25 1 28,2a 1 37,36 1 2b,3a 1 2f,2q 1 2e,6qd,31
        1 1t,6qd,31 1 1d,k4l 1 1e,k4l 1 1f,k4l 1 1g,k4l 1 1h,k4l 1 1i,k4l 1 1j,k4l 1 1k,k4l 1 1l,k4l 1 1d,1c,k4l
        1 1d,1d,k4l 1 1d,1e,k4l 1 1d,1f,k4l 1 1d,1g,k4l 1 1d,1h,k4l 1 1d,1i,k4l 1 1d,1j,k4l 1 1d,1k,k4l 1 1d,1l,k4l
        1 1e,1c,k4l 1 1e,1d,k4l 1 1e,1e,k4l 1 1e,1f,k4l 1 1e,1g,k4l 1 1e,1h,k4l 1 1e,1i,k4l 1 1e,1j,k4l 1 1e,1k,k4l
        1 1e,1l,k4l 1 1f,1c,k4l 1 1f,1d,k4l 1 2v,2p,30 mn1 ui 1 uk 5v x2n 3s 86 1 9f o3 x0n 1 xtj 1 h7 1 xua
        fq9 2u,2u 1 2u,2x 1 2u,30 1 2u,2u,2x 1 2u,2u,30 1 37,38 1 37,38 d 12s,12u 1 12s,12d 1 12s,12j 1 132,12u
        1 12s,12l 9 15u 1 15c 1 15f 1 15g 1 15n 1 15o 1 15p 1 160 1 162 1 17 12 15c,15o 1 19t 1 19t 1 1a3 1 1a3
        1 1a3 1 1a3 1 1a6 1 1a6 1 1a6 1 1a6 1 1a8 1 1a8 1 1a8 1 1a8 1 1a2 1 1a2 1 1a2 1 1a2 1 1a7 1 1a7 1 1a7 1 1a7
        1 1a1 1 1a1 1 1a1 1 1a1 1 1b8 1 1b8 1 1b8 1 1b8 1 1ba 1 1ba 1 1ba 1 1ba 1 1ac 1 1ac 1 1ac 1 1ac 1 1ab 1 1ab
        1 1ab 1 1ab 1 1ae 1 1ae 1 1ae 1 1ae 1 1af 1 1af 1 1af 1 1af 1 1al 1 1al 1 1ak 1 1ak 1 1am 1 1am 1 1ag 1 1ag
        1 1aw 1 1aw 1 1ap 1 1ap 1 1bd 1 1bd 1 1bd 1 1bd 1 1bj 1 1bj 1 1bj 1 1bj 1 1bn 1 1bn 1 1bn 1 1bn 1 1bl 1 1bl
        1 1bl 1 1bl 1 1bu 1 1bu 1 1bv 1 1bv 1 1bv 1 1bv 1 1cl,190 1 1cl,190 1 1c1 1 1c1 1 1c1 1 1c1 1 1by 1 1by
        1 1by 1 1by 1 1ci 1 1ci 1 1ci,190 1 1ci,190 y 1bh 1 1bh 1 1bh 1 1bh 1 1c7 1 1c7 1 1c6 1 1c6 1 1c8 1 1c8
        1 1c7,19w 1 1cb 1 1cb 1 1c5 1 1c5 1 1c9 1 1c9 1 1cg 1 1cg 1 1cg 1 1cg 1 18p 1 18p 1 18q,190,17r
        1 18q,190,17r 1 18q,190,1cl 1 18q,190,1cl 1 18q,190,18o 1 18q,190,18o 1 18q,190,1c7 1 18q,190,1c7
        1 18q,190,1c6 1 18q,190,1c6 1 18q,190,1c8 1 18q,190,1c8 1 18q,190,1cg 1 18q,190,1cg 1 18q,190,1cg
        1 18q,190,18p 1 18q,190,18p 1 18q,190,18p 1 1cc 1 1cc 1 1cc 1 1cc 1 18q,190,17w 1 18q,190,17x 1 18q,190,18l
        1 18q,190,18p 1 18q,190,18q 1 17s,17w 1 17s,17x 1 17s,17y 1 17s,18l 1 17s,18p 1 17s,18q 1 17u,17w 1 17u,17x
        1 17u,17y 1 17u,18l 1 17u,18p 1 17u,18q 1 17v,17w 1 17v,18l 1 17v,18p 1 17v,18q 1 17w,17x 1 17w,18l
        1 17x,17w 1 17x,18l 1 17y,17w 1 17y,17x 1 17y,18l 1 183,17w 1 183,17x 1 183,17y 1 183,18l 1 185,17x
        1 185,18l 1 186,17w 1 186,17x 1 186,17y 1 186,18l 1 187,17x 1 187,18l 1 188,18l 1 189,17w 1 189,18l
        1 18a,17w 1 18a,18l 1 18h,17w 1 18h,17x 1 18h,17y 1 18h,18l 1 18h,18p 1 18h,18q 1 18i,17x 1 18i,18l
        1 18i,18p 1 18i,18q 1 18j,17r 1 18j,17w 1 18j,17x 1 18j,17y 1 18j,18k 1 18j,18l 1 18j,18p 1 18j,18q
        1 18k,17w 1 18k,17x 1 18k,17y 1 18k,18l 1 18k,18p 1 18k,18q 1 18l,17w 1 18l,17x 1 18l,17y 1 18l,18l
        1 18l,18p 1 18l,18q 1 18m,17w 1 18m,17x 1 18m,17y 1 18m,18l 1 18m,18p 1 18m,18q 1 18n,17w 1 18n,18l
        1 18n,18p 1 18n,18q 1 18q,17w 1 18q,17x 1 18q,17y 1 18q,18l 1 18q,18p 1 18q,18q 1 180,19s 1 181,19s
        1 18p,19s 1 w,18s,18x 1 w,18t,18x 1 w,18u,18x 1 w,18v,18x 1 w,18w,18x 1 w,18x,19s 1 18q,190,181
        1 18q,190,182 1 18q,190,18l 1 18q,190,18m 1 18q,190,18p 1 18q,190,18q 1 17s,181 1 17s,182 1 17s,18l
        1 17s,18m 1 17s,18p 1 17s,18q 1 17u,181 1 17u,182 1 17u,18l 1 17u,18m 1 17u,18p 1 17u,18q 1 17v,181
        1 17v,182 1 17v,18l 1 17v,18m 1 17v,18p 1 17v,18q 1 18h,18p 1 18h,18q 1 18i,18p 1 18i,18q 1 18j,17r
        1 18j,18k 1 18j,18l 1 18j,18p 1 18j,18q 1 18k,18l 1 18k,18p 1 18k,18q 1 18l,17r 1 18l,18l 1 18m,181
        1 18m,182 1 18m,18l 1 18m,18m 1 18m,18p 1 18m,18q 1 18p,19s 1 18q,181 1 18q,182 1 18q,18l 1 18q,18m
        1 18q,18p 1 18q,18q 1 18q,190,17w 1 18q,190,17x 1 18q,190,17y 1 18q,190,18l 1 18q,190,18n 1 17s,17w
        1 17s,17x 1 17s,17y 1 17s,18l 1 17s,18n 1 17u,17w 1 17u,17x 1 17u,17y 1 17u,18l 1 17u,18n 1 17v,18l
        1 17w,17x 1 17w,18l 1 17x,17w 1 17x,18l 1 17y,17w 1 17y,18l 1 183,17w 1 183,17x 1 183,17y 1 183,18l
        1 185,17x 1 185,17y 1 185,18l 1 186,17w 1 186,17x 1 186,17y 1 186,18l 1 187,17x 1 188,18l 1 189,17w
        1 189,18l 1 18a,17w 1 18a,18l 1 18h,17w 1 18h,17x 1 18h,17y 1 18h,18l 1 18i,17x 1 18i,18l 1 18j,17w
        1 18j,17x 1 18j,17y 1 18j,18k 1 18j,18l 1 18k,17w 1 18k,17x 1 18k,17y 1 18k,18l 1 18k,18n 1 18l,17w
        1 18l,17x 1 18l,17y 1 18l,18l 1 18m,17w 1 18m,17x 1 18m,17y 1 18m,18l 1 18m,18n 1 18n,17w 1 18n,18l
        1 18n,19s 1 18q,17w 1 18q,17x 1 18q,17y 1 18q,18l 1 18q,18n 1 18q,190,18l 1 18q,190,18n 1 17s,18l 1 17s,18n
        1 17u,18l 1 17u,18n 1 17v,18l 1 17v,18n 1 183,18l 1 183,18n 1 184,18l 1 184,18n 1 18j,18k 1 18j,18l
        1 18k,18l 1 18m,18l 1 18m,18n 1 18q,18l 1 18q,18n 1 18g,18u,18x 1 18g,18v,18x 1 18g,18w,18x 1 187,18p
        1 187,18q 1 189,18p 1 189,18q 1 18a,18p 1 18a,18q 1 183,18p 1 183,18q 1 184,18p 1 184,18q 1 17x,18p
        1 17x,18q 1 17w,18p 1 17w,18q 1 17y,18p 1 17y,18q 1 185,18p 1 185,18q 1 186,18p 1 186,18q 1 184,17w
        1 184,17x 1 184,17y 1 184,18l 1 184,181 1 183,181 1 185,181 1 186,181 1 187,18p 1 187,18q 1 189,18p
        1 189,18q 1 18a,18p 1 18a,18q 1 183,18p 1 183,18q 1 184,18p 1 184,18q 1 17x,18p 1 17x,18q 1 17w,18p
        1 17w,18q 1 17y,18p 1 17y,18q 1 185,18p 1 185,18q 1 186,18p 1 186,18q 1 184,17w 1 184,17x 1 184,17y
        1 184,18l 1 184,181 1 183,181 1 185,181 1 186,181 1 184,17w 1 184,17x 1 184,17y 1 184,18l 1 183,18n
        1 184,18n 1 187,18l 1 183,17w 1 183,17x 1 183,17y 1 184,17w 1 184,17x 1 184,17y 1 187,18l 1 188,18l
        1 17r,18r 1 17r,18r j 17u,17w,18l 1 17u,17x,17w 1 17u,17x,17w 1 17u,17x,18l 1 17u,17y,18l 1 17u,18l,17w
        1 17u,18l,17x 1 17u,18l,17y 1 17w,18l,17x 1 17w,18l,17x 1 17x,18l,18q 1 17x,18l,18p 1 183,17x,17w
        1 183,17w,17x 1 183,17w,18p 1 183,18l,17x 1 183,18l,17x 1 183,18l,17w 1 183,18l,18l 1 183,18l,18l
        1 185,17x,17x 1 185,17x,17x 1 185,18l,18l 1 184,17x,18l 1 184,17x,18l 1 184,17w,18q 1 184,18l,17y
        1 184,18l,17y 1 184,18l,18l 1 184,18l,18l 1 186,17x,18p 1 186,17y,18l 1 186,17y,18l 1 187,18l,17x
        1 187,18l,17x 1 187,18l,18l 1 187,18l,18q 1 189,17w,18l 1 189,18l,18l 1 189,18l,18l 1 189,18l,18p
        1 18a,18l,18l 1 18a,18l,18q 1 18a,18l,18p 1 18h,17y,18l 1 18h,17y,18l 1 18i,18l,17x 1 18i,18l,18l
        1 18k,17x,18l 1 18k,17x,18q 1 18k,17x,18p 1 18k,17w,17w 1 18k,17w,17w 1 18k,17y,18l 1 18k,17y,18l
        1 18k,18l,17x 1 18k,18l,17x 1 18l,17x,17w 1 18l,17x,18l 1 18l,17x,18q 1 18l,17w,17x 1 18l,17w,18l
        1 18l,17y,17w 1 18l,17y,18l 3 18l,17w,17y 1 18n,18l,17w 1 18n,18l,18l 1 18m,17x,18l 1 18m,17x,18p
        1 18m,17w,18l 1 18m,17w,18l 1 18m,17w,18p 1 18m,18l,18q 1 18m,18l,18p 1 18q,18l,18l 1 18q,18l,18l
        1 17s,17y,18q 1 17u,17w,18q 1 17u,17w,18p 1 17u,17y,18q 1 17u,17y,18p 1 17u,18l,18q 1 17u,18l,18p
        1 17w,18l,18q 1 17w,17x,18p 1 17w,18l,18p 1 183,17y,18p 1 185,17x,18q 1 184,17x,18q 1 186,17x,18q
        1 18k,17w,18q 1 18k,18l,18q 1 18q,17x,18q 1 18q,17w,18q 1 18q,18l,18q 1 18l,18l,18q 1 18i,18l,18q
        1 18m,17x,18q 1 18i,18l,17x 1 18k,17x,18l 1 189,18l,18q 1 18j,18l,18q 1 18m,17w,17x 1 18l,17y,18q
        1 18k,17w,18l 1 18j,18l,18l 1 18k,17w,18l 1 18m,17w,17x 1 17w,17x,18q 1 17x,17w,18q 1 18l,17w,18q
        1 18h,18l,18q 1 17s,17x,18q 1 18j,18l,18l 1 189,17w,18l 1 185,18l,18l 1 183,17y,18q 1 18m,17w,18q
        15 185,18k,1ci 1 18i,18k,1ci 1 17r,18k,18k,18n 1 17r,18j,17s,181 1 18l,17x,18l,17z 1 185,18k,189,18l
        1 181,183,18o,18k 1 189,18k,18q,18n 1 18o,183,18k,18l 1 185,18k,18p
        1 185,18k,18p,w,17r,18k,18k,18n,w,189,18k,18q,18n,w,18o,183,18k,18l 1 17w,18k,w,17w,18k,17r,18k,18n
        1 181,1cc,17r,18k k 18 1 9hd 1 9he 1 1m 1 1n 1 x 1 1r 1 9hy 1 9hz 1 1a,1a,1a n 1a,1a 1 6c4 1 6c3 1 2n 1 2n
        1 14 1 15 1 3f 1 3h 1 9hw 1 9hx 1 9hs 1 9ht 1 9hm 1 9hn 1 9hk 1 9hl 1 9ho 1 9hp 1 9hq 1 9hr 3 2j 1 2l 1 w,lh
        1 w,lh 1 w,lh 1 w,lh 1 2n 1 2n 1 2n 1 18 1 9hd 1 1a 2 1n 1 1m 1 1r 1 x 1 6c4 1 14 1 15 1 3f 1 3h 1 9hw 1 9hx
        1 z 1 12 1 16 1 17 1 19 1 1o 1 1q 1 1p 2 2k 1 10 1 11 1 1s 5 w,18r 1 18g,18r 1 w,18s 2 w,18t 2 w,18u
        1 18g,18u 1 w,18v 1 18g,18v 1 w,18w 1 18g,18w 1 w,18x 1 18g,18x 1 w,18y 1 18g,18y 1 17l 1 17r,18z 1 17r,18z
        1 17r,190 1 17r,190 1 18o,190 1 18o,190 1 17r,191 1 17r,191 1 18q,190 1 18q,190 1 18q,190 1 18q,190 1 17r
        1 17r 1 17s 1 17s 1 17s 1 17s 1 17t 1 17t 1 17u 1 17u 1 17u 1 17u 1 17v 1 17v 1 17v 1 17v 1 17w 1 17w 1 17w
        1 17w 1 17x 1 17x 1 17x 1 17x 1 17y 1 17y 1 17y 1 17y 1 17z 1 17z 1 180 1 180 1 181 1 181 1 182 1 182 1 183
        1 183 1 183 1 183 1 184 1 184 1 184 1 184 1 185 1 185 1 185 1 185 1 186 1 186 1 186 1 186 1 187 1 187 1 187
        1 187 1 188 1 188 1 188 1 188 1 189 1 189 1 189 1 189 1 18a 1 18a 1 18a 1 18a 1 18h 1 18h 1 18h 1 18h 1 18i
        1 18i 1 18i 1 18i 1 18j 1 18j 1 18j 1 18j 1 18k 1 18k 1 18k 1 18k 1 18l 1 18l 1 18l 1 18l 1 18m 1 18m 1 18m
        1 18m 1 18n 1 18n 1 18n 1 18n 1 18o 1 18o 1 18p 1 18p 1 18q 1 18q 1 18q 1 18q 1 18k,17r,18z 1 18k,17r,18z
        1 18k,17r,190 1 18k,17r,190 1 18k,17r,191 1 18k,17r,191 1 18k,17r 1 18k,17r 5 x 1 y 1 z 1 10 1 11 1 12 1 13
        1 14 1 15 1 16 1 17 1 18 1 19 1 1a 1 1b 1 1c 1 1d 1 1e 1 1f 1 1g 1 1h 1 1i 1 1j 1 1k 1 1l 1 1m 1 1n 1 1o
        1 1p 1 1q 1 1r 1 1s 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29
        1 2a 1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2j 1 2k 1 2l 1 2m 1 2n 1 2o 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u
        1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 3f
        1 3g 1 3h 1 3i 1 879 1 87a 1 9he 1 9ho 1 9hp 1 9hd 1 9ob 1 9o2 1 9lt 1 9lv 1 9lx 1 9lz 1 9m1 1 9nn 1 9np
        1 9nr 1 9mr 1 9oc 1 9lu 1 9lw 1 9ly 1 9m0 1 9m2 1 9m3 1 9m5 1 9m7 1 9m9 1 9mb 1 9md 1 9mf 1 9mh 1 9mj 1 9ml
        1 9mn 1 9mp 1 9ms 1 9mu 1 9mw 1 9my 1 9mz 1 9n0 1 9n1 1 9n2 1 9n3 1 9n6 1 9n9 1 9nc 1 9nf 1 9ni 1 9nj 1 9nk
        1 9nl 1 9nm 1 9no 1 9nq 1 9ns 1 9nt 1 9nu 1 9nv 1 9nw 1 9nx 1 9nz 1 9o3 1 9ll 1 9lm 1 3fk 1 3cw 1 3cx 1 3hm
        1 3cy 1 3ho 1 3hp 1 3cz 1 3d0 1 3d1 1 3hs 1 3ht 1 3hu 1 3hv 1 3hw 1 3hx 1 3dm 1 3d2 1 3d3 1 3d4 1 3dt 1 3d5
        1 3d6 1 3d7 1 3d8 1 3d9 1 3da 1 3db 1 3dc 1 3dd 1 3de 4 3fl 1 3fm 1 3fn 1 3fo 1 3fp 1 3fq 3 3fr 1 3fs 1 3ft
        1 3fu 1 3fv 1 3fw 3 3fx 1 3fy 1 3fz 1 3g0 1 3g1 1 3g2 3 3g3 1 3g4 1 3g5 4 4i 1 4j 1 4s 1 w,lg 1 4m 1 4l
        1 6g9 2 7b6 1 6mo 1 6mp 1 6mq 1 6mr 1 7fk 1 7gr 15w2 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23
        1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u
        1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t
        1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c 1 2d 1 2e
        1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 2 2x 1 2y 1 2z 1 30 1 31 1 32 1 33 1 34 1 35 1 36
        1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25
        1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 1 2w
        1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t 2 1v 1 1w
        3 1z 3 22 1 23 3 26 1 27 1 28 1 29 2 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s 2 2u 2 2w
        1 2x 1 2y 1 2z 1 30 1 31 1 32 2 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t 1 1u 1 1v 1 1w
        1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h
        1 2i 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33 1 34 1 35 1 36 1 37 1 38
        1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t 1 1u 2 1w 1 1x 1 1y 1 1z 3 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 2 2b
        1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 2 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33
        1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t 1 1u 2 1w 1 1x 1 1y 1 1z 2 21 1 22 1 23 1 24
        1 25 2 27 4 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 2 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30
        1 31 1 32 1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z
        1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q
        1 2r 1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b
        1 3c 1 3d 1 3e 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a
        1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31
        1 32 1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20
        1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r
        1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c
        1 3d 1 3e 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b
        1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32
        1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21
        1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s
        1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33 1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d
        1 3e 1 1t 1 1u 1 1v 1 1w 1 1x 1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c
        1 2d 1 2e 1 2f 1 2g 1 2h 1 2i 1 2p 1 2q 1 2r 1 2s 1 2t 1 2u 1 2v 1 2w 1 2x 1 2y 1 2z 1 30 1 31 1 32 1 33
        1 34 1 35 1 36 1 37 1 38 1 39 1 3a 1 3b 1 3c 1 3d 1 3e 1 8h 1 fr 3 pd 1 pe 1 pf 1 pg 1 ph 1 pi 1 pj 1 pk
        1 pl 1 pm 1 pn 1 po 1 pp 1 pq 1 pr 1 ps 1 pt 1 pk 1 pv 1 pw 1 px 1 py 1 pz 1 q0 1 q1 1 6pz 1 q9 1 qa 1 qb
        1 qc 1 qd 1 qe 1 qf 1 qg 1 qh 1 qi 1 qj 1 qk 1 ql 1 qm 1 qn 1 qo 1 qp 1 qq 1 qr 1 qs 1 qt 1 qu 1 qv 1 qw
        1 qx 1 6pu 1 qd 1 qg 1 qi 1 qu 1 qp 1 qo 1 pd 1 pe 1 pf 1 pg 1 ph 1 pi 1 pj 1 pk 1 pl 1 pm 1 pn 1 po 1 pp
        1 pq 1 pr 1 ps 1 pt 1 pk 1 pv 1 pw 1 px 1 py 1 pz 1 q0 1 q1 1 6pz 1 q9 1 qa 1 qb 1 qc 1 qd 1 qe 1 qf 1 qg
        1 qh 1 qi 1 qj 1 qk 1 ql 1 qm 1 qn 1 qo 1 qp 1 qq 1 qr 1 qs 1 qt 1 qu 1 qv 1 qw 1 qx 1 6pu 1 qd 1 qg 1 qi
        1 qu 1 qp 1 qo 1 pd 1 pe 1 pf 1 pg 1 ph 1 pi 1 pj 1 pk 1 pl 1 pm 1 pn 1 po 1 pp 1 pq 1 pr 1 ps 1 pt 1 pk
        1 pv 1 pw 1 px 1 py 1 pz 1 q0 1 q1 1 6pz 1 q9 1 qa 1 qb 1 qc 1 qd 1 qe 1 qf 1 qg 1 qh 1 qi 1 qj 1 qk 1 ql
        1 qm 1 qn 1 qo 1 qp 1 qq 1 qr 1 qs 1 qt 1 qu 1 qv 1 qw 1 qx 1 6pu 1 qd 1 qg 1 qi 1 qu 1 qp 1 qo 1 pd 1 pe
        1 pf 1 pg 1 ph 1 pi 1 pj 1 pk 1 pl 1 pm 1 pn 1 po 1 pp 1 pq 1 pr 1 ps 1 pt 1 pk 1 pv 1 pw 1 px 1 py 1 pz
        1 q0 1 q1 1 6pz 1 q9 1 qa 1 qb 1 qc 1 qd 1 qe 1 qf 1 qg 1 qh 1 qi 1 qj 1 qk 1 ql 1 qm 1 qn 1 qo 1 qp 1 qq
        1 qr 1 qs 1 qt 1 qu 1 qv 1 qw 1 qx 1 6pu 1 qd 1 qg 1 qi 1 qu 1 qp 1 qo 1 pd 1 pe 1 pf 1 pg 1 ph 1 pi 1 pj
        1 pk 1 pl 1 pm 1 pn 1 po 1 pp 1 pq 1 pr 1 ps 1 pt 1 pk 1 pv 1 pw 1 px 1 py 1 pz 1 q0 1 q1 1 6pz 1 q9 1 qa
        1 qb 1 qc 1 qd 1 qe 1 qf 1 qg 1 qh 1 qi 1 qj 1 qk 1 ql 1 qm 1 qn 1 qo 1 qp 1 qq 1 qr 1 qs 1 qt 1 qu 1 qv
        1 qw 1 qx 1 6pu 1 qd 1 qg 1 qi 1 qu 1 qp 1 qo 1 rg 1 rh 3 1c 1 1d 1 1e 1 1f 1 1g 1 1h 1 1i 1 1j 1 1k 1 1l
        1 1c 1 1d 1 1e 1 1f 1 1g 1 1h 1 1i 1 1j 1 1k 1 1l 1 1c 1 1d 1 1e 1 1f 1 1g 1 1h 1 1i 1 1j 1 1k 1 1l 1 1c
        1 1d 1 1e 1 1f 1 1g 1 1h 1 1i 1 1j 1 1k 1 1l 1 1c 1 1d 1 1e 1 1f 1 1g 1 1h 1 1i 1 1j 1 1k 1 1l 4ch 17r 1 17s
        1 17w 1 17z 2 18o 1 182 1 17x 1 187 1 18q 1 18j 1 18k 1 18l 1 18m 1 183 1 189 1 18h 1 185 1 18i 1 181 1 184
        1 17u 1 17v 1 17y 1 180 1 186 1 188 1 18a 1 19q 1 1bu 1 1b5 1 19r 2 17s 1 17w 2 18n 3 17x 2 18q 1 18j 1 18k
        1 18l 1 18m 1 183 1 189 1 18h 1 185 1 18i 2 184 1 17u 1 17v 1 17y 2 186 2 18a 7 17w 5 17x 2 18q 2 18k 2 18m
        1 183 1 189 2 185 1 18i 2 184 3 17y 2 186 2 18a 2 1bu 2 19r 2 17s 1 17w 2 18n 3 17x 1 187 1 18q 1 18j 2 18l
        1 18m 1 183 1 189 1 18h 1 185 1 18i 2 184 1 17u 1 17v 1 17y 2 186 1 188 1 18a 1 19q 2 1b5 2 17r 1 17s 1 17w
        1 17z 1 18n 1 18o 1 182 1 17x 1 187 1 18q 2 18k 1 18l 1 18m 1 183 1 189 1 18h 1 185 1 18i 1 181 1 184 1 17u
        1 17v 1 17y 1 180 1 186 1 188 1 18a 6 17s 1 17w 1 17z 2 18o 1 182 1 17x 1 187 1 18q 2 18k 1 18l 1 18m 1 183
        1 189 1 18h 1 185 1 18i 1 181 1 184 1 17u 1 17v 1 17y 1 180 1 186 1 188 1 18a g5 1c,1a 1 1c,18 1 1d,18
        1 1e,18 1 1f,18 1 1g,18 1 1h,18 1 1i,18 1 1j,18 1 1k,18 1 1l,18 6 14,1t,15 1 14,1u,15 1 14,1v,15 1 14,1w,15
        1 14,1x,15 1 14,1y,15 1 14,1z,15 1 14,20,15 1 14,21,15 1 14,22,15 1 14,23,15 1 14,24,15 1 14,25,15
        1 14,26,15 1 14,27,15 1 14,28,15 1 14,29,15 1 14,2a,15 1 14,2b,15 1 14,2c,15 1 14,2d,15 1 14,2e,15
        1 14,2f,15 1 14,2g,15 1 14,2h,15 1 14,2i,15 1 9hw,2b,9hx 1 1v 1 2a 1 1v,1w 1 2f,2i 2 1t 1 1u 1 1v 1 1w 1 1x
        1 1y 1 1z 1 20 1 21 1 22 1 23 1 24 1 25 1 26 1 27 1 28 1 29 1 2a 1 2b 1 2c 1 2d 1 2e 1 2f 1 2g 1 2h 1 2i
        1 20,2e 1 25,2e 1 2b,1w 1 2b,2b 1 28,28,2e 1 2f,1v r 25,1v 1 25,1w 11 1w,22 34 9kr,9jf 1 9mb,9mb 1 9md e jez
        1 i1j 1 gjw 1 9mu,9ll 1 fik 1 hlm 1 r8j 1 hm1 1 fj8 1 k68 1 mch 1 k2h 1 g99 1 ivg 1 g3x 1 k34 1 g7x 1 oqq
        1 n4v 1 rs9 1 hkg 1 gmx 1 lxw 1 jh1 1 jmd 1 feo 1 fex 1 si2 1 ijq 1 ffx 1 gkz 1 jk7 1 rxs 1 jf7 1 o01 1 o6y
        1 glk 1 lts 1 kcp 1 kco 1 n5f 1 gaa 1 gxi 1 sp9 5 9hw,kdo,9hx 1 9hw,fex,9hx 1 9hw,fik,9hx 1 9hw,i2x,9hx
        1 9hw,m9l,9hx 1 9hw,jf7,9hx 1 9hw,nh3,9hx 1 9hw,gd9,9hx 1 9hw,k0n,9hx 8 ivr 1 gkv
        """
}
