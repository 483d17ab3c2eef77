;; The two inner loops of the engine, in SIMD: four single-precision numbers at once.
;; kernel.wasm is built from this file: wasmtime.wat2wasm(text), and a test compares the two.
(module
  (import "js" "memory" (memory 1))

  ;; C = S + A B, for C (m, n), A (m, k), B (k, n), single precision, n a multiple of 4.
  ;; The rows of B and C follow each other. A has two strides, so that it may also be the transpose of what is
  ;; stored. S has one for its rows: 0 adds one row to all (a bias, or zeros); S = C with C's own accumulates.
  ;; Addresses, strides and n count bytes; m and k count rows and terms, and are at least 1.
  (func (export "product")
    (param $c i32) (param $s i32) (param $sRow i32)
    (param $a i32) (param $aRow i32) (param $aTerm i32)
    (param $b i32) (param $m i32) (param $k i32) (param $n i32)
    (local $j i32) (local $pa i32) (local $pb i32) (local $terms i32) (local $x v128)
    (local $c0 v128) (local $c1 v128) (local $c2 v128) (local $c3 v128)

    ;; One row of C a turn.
    (loop $row
      (local.set $j (i32.const 0))

      ;; Blocks of 16 columns: four sums are kept in registers, and none has to wait for another.
      (block $narrow
        (loop $sixteen
          (br_if $narrow (i32.gt_u (i32.add (local.get $j) (i32.const 64)) (local.get $n)))
          (local.set $pa (i32.add (local.get $s) (local.get $j)))
          (local.set $c0 (v128.load offset=0 (local.get $pa)))
          (local.set $c1 (v128.load offset=16 (local.get $pa)))
          (local.set $c2 (v128.load offset=32 (local.get $pa)))
          (local.set $c3 (v128.load offset=48 (local.get $pa)))
          (local.set $pa (local.get $a))
          (local.set $pb (i32.add (local.get $b) (local.get $j)))
          (local.set $terms (local.get $k))
          ;; c0 … c3 += A's entry of this row and term times B's 16 entries of this term.
          (loop $term
            (local.set $x (v128.load32_splat (local.get $pa)))
            (local.set $c0 (f32x4.add (local.get $c0)
              (f32x4.mul (local.get $x) (v128.load offset=0 (local.get $pb)))))
            (local.set $c1 (f32x4.add (local.get $c1)
              (f32x4.mul (local.get $x) (v128.load offset=16 (local.get $pb)))))
            (local.set $c2 (f32x4.add (local.get $c2)
              (f32x4.mul (local.get $x) (v128.load offset=32 (local.get $pb)))))
            (local.set $c3 (f32x4.add (local.get $c3)
              (f32x4.mul (local.get $x) (v128.load offset=48 (local.get $pb)))))
            (local.set $pa (i32.add (local.get $pa) (local.get $aTerm)))
            (local.set $pb (i32.add (local.get $pb) (local.get $n)))
            (br_if $term (local.tee $terms (i32.sub (local.get $terms) (i32.const 1)))))
          (local.set $pa (i32.add (local.get $c) (local.get $j)))
          (v128.store offset=0 (local.get $pa) (local.get $c0))
          (v128.store offset=16 (local.get $pa) (local.get $c1))
          (v128.store offset=32 (local.get $pa) (local.get $c2))
          (v128.store offset=48 (local.get $pa) (local.get $c3))
          (local.set $j (i32.add (local.get $j) (i32.const 64)))
          (br $sixteen)))

      ;; What is left of the row, in blocks of 4 columns.
      (block $done
        (loop $four
          (br_if $done (i32.ge_u (local.get $j) (local.get $n)))
          (local.set $c0 (v128.load (i32.add (local.get $s) (local.get $j))))
          (local.set $pa (local.get $a))
          (local.set $pb (i32.add (local.get $b) (local.get $j)))
          (local.set $terms (local.get $k))
          (loop $term
            (local.set $c0 (f32x4.add (local.get $c0)
              (f32x4.mul (v128.load32_splat (local.get $pa)) (v128.load (local.get $pb)))))
            (local.set $pa (i32.add (local.get $pa) (local.get $aTerm)))
            (local.set $pb (i32.add (local.get $pb) (local.get $n)))
            (br_if $term (local.tee $terms (i32.sub (local.get $terms) (i32.const 1)))))
          (v128.store (i32.add (local.get $c) (local.get $j)) (local.get $c0))
          (local.set $j (i32.add (local.get $j) (i32.const 16)))
          (br $four)))

      (local.set $a (i32.add (local.get $a) (local.get $aRow)))
      (local.set $s (i32.add (local.get $s) (local.get $sRow)))
      (local.set $c (i32.add (local.get $c) (local.get $n)))
      (br_if $row (local.tee $m (i32.sub (local.get $m) (i32.const 1))))))

  ;; x ← tanh x for all numbers from address x up to address end, four at a time: three more may be touched.
  ;; On [−8, 8] tanh x = x P(x²) / Q(x²) to 4.2e-7; beyond, the value at the end, 2e-7 from ±1.
  ;; P and Q have the degrees 3 and 4 and were fitted by iteratively reweighted least squares for the least
  ;; largest error; no value exceeds 1.
  (func (export "tanh") (param $x i32) (param $end i32) (local $v v128) (local $u v128)
    (loop $next
      (local.set $v (f32x4.max (f32x4.splat (f32.const -8))
        (f32x4.min (f32x4.splat (f32.const 8)) (v128.load (local.get $x)))))
      (local.set $u (f32x4.mul (local.get $v) (local.get $v)))
      (v128.store (local.get $x) (f32x4.div
        (f32x4.mul (local.get $v)
          (f32x4.add (f32x4.splat (f32.const 0.999999362)) (f32x4.mul (local.get $u)
          (f32x4.add (f32x4.splat (f32.const 0.12913641)) (f32x4.mul (local.get $u)
          (f32x4.add (f32x4.splat (f32.const 0.00293882748)) (f32x4.mul (local.get $u)
            (f32x4.splat (f32.const 1.13102213e-05)))))))))
        (f32x4.add (f32x4.splat (f32.const 1)) (f32x4.mul (local.get $u)
        (f32x4.add (f32x4.splat (f32.const 0.462467398)) (f32x4.mul (local.get $u)
        (f32x4.add (f32x4.splat (f32.const 0.0237638261)) (f32x4.mul (local.get $u)
        (f32x4.add (f32x4.splat (f32.const 0.000237028439)) (f32x4.mul (local.get $u)
          (f32x4.splat (f32.const 2.42384052e-07))))))))))))
      (br_if $next (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 16))) (local.get $end))))))
