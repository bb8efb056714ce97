// General matrix products: every level, precision and transposition against sums in Double.

import IQTensor
import Testing

/// What is multiplied: sizes, factors and which operands are stored transposed.
struct GEMMCase: Sendable, CustomTestStringConvertible {
    var m: Int
    var n: Int
    var k: Int
    var transposedA = false
    var transposedB = false
    var alpha: Float = 1
    var beta: Float = 0

    var testDescription: String {
        "\(m)x\(n)x\(k) \(transposedA ? "T" : "N")\(transposedB ? "T" : "N") alpha \(alpha) beta \(beta)"
    }
}

/// A product of random matrices that lie among sentinels, and what it must give.
struct GEMMProblem {
    let shape: GEMMCase
    let a: GuardedMatrix
    let b: GuardedMatrix
    let start: [Float]

    init(_ shape: GEMMCase, seed: UInt64 = 3) throws {
        var numbers = TestNumbers(seed: seed &+ UInt64(shape.m * 10_007 + shape.n * 101 + shape.k))
        self.shape = shape
        a = try Self.operand(shape.transposedA ? (shape.k, shape.m) : (shape.m, shape.k), &numbers)
        b = try Self.operand(shape.transposedB ? (shape.n, shape.k) : (shape.k, shape.n), &numbers)
        start = numbers.values(shape.m * shape.n)
    }

    private static func operand(_ size: (Int, Int), _ numbers: inout TestNumbers) throws -> GuardedMatrix {
        try GuardedMatrix(rows: size.0, columns: size.1, values: numbers.values(size.0 * size.1))
    }

    /// The product, after checking that nothing around the result was written. Where beta is 0, c holds NaN before.
    func product(_ context: ComputeContext, _ precision: MatrixPrecision) throws -> [Float] {
        let c = try GuardedMatrix(rows: shape.m, columns: shape.n, values: shape.beta == 0 ? nil : start)
        try context.multiply(
            a.matrix,
            transposed: shape.transposedA,
            b.matrix,
            transposed: shape.transposedB,
            alpha: shape.alpha,
            beta: shape.beta,
            precision: precision,
            into: c.matrix
        )
        #expect(c.isIntact, "written outside of c: \(shape.testDescription)")
        return c.matrix.values
    }

    /// The largest error in units of what rounding allows: each of K additions, the factors and the last sum round once,
    /// by 2^-24 of at most the sum of magnitudes.
    func worstError(_ found: [Float], _ precision: MatrixPrecision) -> Double {
        let rounded: (Float) -> Double = precision == .bf16 ? { Double(GEMMProblem.bfloat16($0)) } : { Double($0) }
        let left = a.matrix.values.map(rounded)
        let right = b.matrix.values.map(rounded)
        var worst = 0.0
        for row in 0..<shape.m {
            for column in 0..<shape.n {
                var sum = 0.0
                var magnitude = 0.0
                for depth in 0..<shape.k {
                    let term =
                        left[shape.transposedA ? depth * shape.m + row : row * shape.k + depth]
                        * right[shape.transposedB ? column * shape.k + depth : depth * shape.n + column]
                    sum += term
                    magnitude += abs(term)
                }
                let before = shape.beta == 0 ? 0 : Double(shape.beta) * Double(start[row * shape.n + column])
                let expected = Double(shape.alpha) * sum + before
                let allowed =
                    Double(shape.k + 4) * 0x1p-24 * (abs(Double(shape.alpha)) * magnitude + abs(before)) + 0x1p-120
                let error = abs(Double(found[row * shape.n + column]) - expected) / allowed
                guard error.isFinite else { return .infinity }
                worst = max(worst, error)
            }
        }
        return worst
    }

    /// The nearest bfloat16, ties to even.
    static func bfloat16(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
    }
}

@Suite("General matrix products")
struct GEMMTests {
    static let sizes = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 63, 64, 65]
    static let transpositions = [(false, false), (false, true), (true, false), (true, true)]

    /// Every size as M, as N and as K beside others, then sizes beyond one block of the kernels.
    static let cases: [GEMMCase] = {
        var cases: [GEMMCase] = []
        for (index, size) in sizes.enumerated() {
            for step in [0, 5, 11] {
                cases.append(
                    GEMMCase(
                        m: size,
                        n: sizes[(index + step) % sizes.count],
                        k: sizes[(index + 2 * step + 1) % sizes.count]
                    )
                )
            }
        }
        cases += [
            GEMMCase(m: 16, n: 130, k: 1030), GEMMCase(m: 130, n: 16, k: 403), GEMMCase(m: 33, n: 1031, k: 70),
            GEMMCase(m: 301, n: 17, k: 19), GEMMCase(m: 9, n: 577, k: 577), GEMMCase(m: 1, n: 700, k: 300),
            GEMMCase(m: 40, n: 50, k: 0),
        ]
        return cases
    }()

    @Test("Every level, precision and transposition agrees with sums in Double", arguments: Machine.all)
    func agreesWithDouble(machine: Machine) throws {
        let context = try machine.context()
        for precision in MatrixPrecision.allCases {
            for (index, base) in Self.cases.enumerated() {
                for (transposedA, transposedB) in Self.transpositions {
                    var shape = base
                    shape.transposedA = transposedA
                    shape.transposedB = transposedB
                    (shape.alpha, shape.beta) = [(1, 0), (1, 1), (-0.5, 0), (2, 0.25)][index % 4]
                    let problem = try GEMMProblem(shape)
                    let error = problem.worstError(try problem.product(context, precision), precision)
                    #expect(error <= 1, "\(precision) \(shape.testDescription)")
                }
            }
        }
    }

    @Test("Without a product, c is scaled or cleared", arguments: Machine.all)
    func emptyProducts(machine: Machine) throws {
        let context = try machine.context()
        for precision in MatrixPrecision.allCases {
            let cleared = try GEMMProblem(GEMMCase(m: 3, n: 20, k: 0)).product(context, precision)
            #expect(cleared == [Float](repeating: 0, count: 60))
            let doubled = try GEMMProblem(GEMMCase(m: 3, n: 20, k: 0, beta: 2))
            #expect(try doubled.product(context, precision) == doubled.start.map { 2 * $0 })
            let withoutFactor = try GEMMProblem(GEMMCase(m: 3, n: 20, k: 8, alpha: 0, beta: -1))
            withoutFactor.a.matrix[0, 0] = .nan
            #expect(try withoutFactor.product(context, precision) == withoutFactor.start.map { -$0 })
        }
    }

    @Test("bfloat16 operands are rounded to the nearest, ties to even", arguments: InstructionLevel.supported)
    func bfloat16Rounding(level: InstructionLevel) throws {
        // 1 + 2^-8 and 1 + 3 * 2^-8 lie midway between two bfloat16 numbers; a little more or less decides.
        let values: [Float] = [
            1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1p-8 + 0x1p-20, 1 + 0x3p-8 - 0x1p-20, -1 - 0x1p-8, .greatestFiniteMagnitude,
            -.infinity,
        ]
        let expected: [Float] = [1, 1 + 0x1p-6, 1 + 0x1p-7, 1 + 0x1p-7, -1, .infinity, -.infinity]
        let context = try ComputeContext(threads: 1, level: level)
        let a = try FloatMatrix(rows: values.count, columns: 1, values: values)
        let one = try FloatMatrix(rows: 1, columns: 1, values: [1])
        let c = try FloatMatrix(rows: values.count, columns: 1)
        try context.multiply(a, one, precision: .bf16, into: c)
        #expect(c.values == expected)
        let row = try FloatMatrix(rows: 1, columns: values.count)
        try context.multiply(one, transposed: false, a, transposed: true, precision: .bf16, into: row)
        #expect(row.values == expected)
    }

    @Test("NaN stays NaN and spoils only its own row and column", arguments: InstructionLevel.supported)
    func notANumber(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 2, level: level)
        for precision in MatrixPrecision.allCases {
            for (transposedA, transposedB) in Self.transpositions {
                let shape = GEMMCase(m: 19, n: 37, k: 21, transposedA: transposedA, transposedB: transposedB)
                let problem = try GEMMProblem(shape)
                if transposedA { problem.a.matrix[20, 3] = .nan } else { problem.a.matrix[3, 20] = .nan }
                // A NaN whose payload lies in the bits that bfloat16 drops.
                let tiny = Float(bitPattern: 0x7f80_0001)
                if transposedB { problem.b.matrix[36, 0] = tiny } else { problem.b.matrix[0, 36] = tiny }
                let product = try problem.product(context, precision)
                for index in product.indices {
                    #expect(product[index].isNaN == (index / 37 == 3 || index % 37 == 36), "\(precision) at \(index)")
                }
            }
        }
    }

    @Test("Repeated products have the same bits", arguments: Machine.all)
    func repeats(machine: Machine) throws {
        let context = try machine.context()
        for precision in MatrixPrecision.allCases {
            let problem = try GEMMProblem(GEMMCase(m: 130, n: 200, k: 100, transposedB: true))
            let first = try problem.product(context, precision)
            let allocations = context.scratchAllocations
            for _ in 0..<5 { #expect(try problem.product(context, precision) == first) }
            #expect(context.scratchAllocations == allocations)
        }
    }

    /// The levels whose own kernels compute products in f32; the others leave them to the BLAS library.
    static let ownKernels: [InstructionLevel] = InstructionLevel.supported.filter { $0 == .avx512 }

    @Test("An element has the same bits whatever the threads and the other rows and columns", arguments: ownKernels)
    func independence(level: InstructionLevel) throws {
        for precision in MatrixPrecision.allCases {
            for (transposedA, transposedB) in Self.transpositions {
                // Large enough to be shared by three threads.
                let shape = GEMMCase(m: 130, n: 150, k: 413, transposedA: transposedA, transposedB: transposedB)
                let problem = try GEMMProblem(shape)
                let whole = try problem.product(ComputeContext(threads: 1, level: level), precision)
                for threads in 2...3 {
                    let context = try ComputeContext(threads: threads, level: level)
                    #expect(try problem.product(context, precision) == whole, "\(precision) on \(threads) threads")
                }
                let context = try ComputeContext(threads: 1, level: level)
                let (rows, columns) = (5..<18, 40..<61)
                let part = try FloatMatrix(rows: rows.count, columns: columns.count)
                try context.multiply(
                    transposedA ? problem.a.matrix.columns(rows) : problem.a.matrix.rows(rows),
                    transposed: transposedA,
                    transposedB ? problem.b.matrix.rows(columns) : problem.b.matrix.columns(columns),
                    transposed: transposedB,
                    precision: precision,
                    into: part
                )
                #expect(part.values == rows.flatMap { row in columns.map { whole[row * shape.n + $0] } })
            }
        }
    }

    @Test("Operands that come rounded give the bits of operands that are rounded on the way", arguments: Machine.all)
    func roundedOperands(machine: Machine) throws {
        let context = try machine.context()
        for (index, base) in Self.cases.enumerated() {
            for (transposedA, transposedB) in Self.transpositions {
                var shape = base
                shape.transposedA = transposedA
                shape.transposedB = transposedB
                shape.beta = index % 2 == 0 ? 0 : 1
                let problem = try GEMMProblem(shape)
                let expected = try problem.product(context, .bf16)
                let a = ProductOperand.rounded(try context.rounded(problem.a.matrix, in: .rounded))
                let b = ProductOperand.rounded(try context.rounded(problem.b.matrix, in: .roundedGradient))
                for (left, right) in [(a, b), (a, .exact(problem.b.matrix)), (.exact(problem.a.matrix), b)] {
                    let c = try GuardedMatrix(
                        rows: shape.m,
                        columns: shape.n,
                        values: shape.beta == 0 ? nil : problem.start
                    )
                    try context.multiplyRounded(
                        left,
                        transposed: transposedA,
                        right,
                        transposed: transposedB,
                        alpha: shape.alpha,
                        beta: shape.beta,
                        into: c.matrix
                    )
                    #expect(c.isIntact && c.matrix.values == expected, "\(shape.testDescription)")
                }
            }
        }
    }

    @Test("Rounding in place gives the same operand, and leaves its surroundings alone", arguments: Machine.all)
    func roundingInPlace(machine: Machine) throws {
        let context = try machine.context()
        for columns in Self.sizes {
            let problem = try GEMMProblem(GEMMCase(m: 5, n: 7, k: columns))
            let expected = try problem.product(context, .bf16)
            let a = ProductOperand.rounded(try context.roundedInPlace(problem.a.matrix))
            let c = try FloatMatrix(rows: 5, columns: 7)
            try context.multiplyRounded(a, .exact(problem.b.matrix), into: c)
            #expect(c.values == expected && problem.a.isIntact, "\(columns) columns")
        }
    }
}
