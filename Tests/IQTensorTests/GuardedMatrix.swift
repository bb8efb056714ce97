// Matrices with sentinels around every row, and what the kernel tests have in common.

import IQTensor
import Testing

/// Lengths at which vector code goes wrong: around the widths of all levels, and their multiples.
let awkwardLengths = [1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 64, 100]

/// A level with a number of threads.
struct Machine: Sendable, CustomTestStringConvertible {
    let level: InstructionLevel
    let threads: Int

    static let all: [Machine] = InstructionLevel.supported.flatMap { level in
        [1, 3].map { Machine(level: level, threads: $0) }
    }

    var testDescription: String { "\(level.rawValue) on \(threads) threads" }

    func context() throws -> ComputeContext { try ComputeContext(threads: threads, level: level) }
}

/// A matrix whose rows are further apart than they are wide, with a sentinel in every float that does not belong to it.
struct GuardedMatrix {
    static let sentinel: Float = -12345.5
    private static let margin = 19

    let matrix: FloatMatrix
    private let whole: FloatMatrix

    init(rows: Int, columns: Int, values: [Float]? = nil) throws {
        let stride = columns + 3
        let buffer = try FloatBuffer(count: 2 * Self.margin + rows * stride)
        whole = FloatMatrix(buffer: buffer, rows: 1, columns: buffer.count)
        for index in 0..<buffer.count { whole[0, index] = Self.sentinel }
        matrix = FloatMatrix(buffer: buffer, offset: Self.margin, rows: rows, columns: columns, stride: stride)
        for row in 0..<rows {
            for column in 0..<columns { matrix[row, column] = values?[row * columns + column] ?? .nan }
        }
    }

    /// True if nothing was written outside the matrix.
    var isIntact: Bool {
        (0..<whole.columns).allSatisfy { index in
            let place = index - Self.margin
            let inside =
                place >= 0 && place < matrix.rows * matrix.stride && place % matrix.stride < matrix.columns
            return inside || whole[0, index] == Self.sentinel
        }
    }
}

/// The largest difference relative to the larger of the expected value's magnitude and `floor`.
func worstDifference(_ found: [Float], _ expected: [Double], floor: Double) -> Double {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { worst, pair in
        guard pair.0.isFinite else { return .infinity }
        return max(worst, abs(Double(pair.0) - pair.1) / max(abs(pair.1), floor))
    }
}
