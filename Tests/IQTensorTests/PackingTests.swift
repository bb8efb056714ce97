// Packed weights: their values, several products at once, and what is packed where. Their products are among LinearTests.

import IQTensor
import Testing

@Suite("Packed weights")
struct PackingTests {
    static let formats: [NumberFormat] = [.f32, .bf16, .q8_0, .q4_0, .q4_1]

    private static func columns(_ format: NumberFormat) -> [Int] {
        format.isQuantized ? [32, 96] : [1, 7, 32, 33, 100]
    }

    private func weights(_ format: NumberFormat, rows: Int, columns: Int) throws -> WeightMatrix {
        var numbers = TestNumbers(seed: UInt64(rows * 100 + columns))
        let bytes = randomWeightBytes(format, count: rows * columns, numbers: &numbers)
        return try matrix(format, rows: rows, columns: columns, bytes: bytes, offset: format.isQuantized ? 3 : 4)
    }

    private func values(_ matrix: WeightMatrix, on context: ComputeContext) throws -> [UInt32] {
        let result = try FloatMatrix(rows: matrix.rows, columns: matrix.columns)
        try context.expand(matrix, into: result)
        return result.values.map(\.bitPattern)
    }

    @Test("have the values of the file, bit for bit", arguments: formats, InstructionLevel.supported)
    func valuesStay(format: NumberFormat, level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 2, level: level)
        for rows in [1, 5, 16, 17, 100] {
            for columns in Self.columns(format) {
                let plain = try weights(format, rows: rows, columns: columns)
                guard context.packs(plain, for: .rounded) else { continue }
                let packed = try context.packed([plain])[0]
                let isSame = try values(packed, on: context) == values(plain, on: context)
                #expect(isSame, "\(rows) x \(columns)")
                let picked = (0..<rows).reversed().map(Int32.init)
                let found = try FloatMatrix(rows: rows, columns: columns)
                let expected = try FloatMatrix(rows: rows, columns: columns)
                try context.gatherRows(of: packed, picked, into: found)
                try context.gatherRows(of: plain, picked, into: expected)
                let isGathered = found.values.map(\.bitPattern) == expected.values.map(\.bitPattern)
                #expect(isGathered, "\(rows) x \(columns)")
            }
        }
    }

    /// Two of a kind with one of another format between them, whose activations are rounded in another way.
    @Test("products of one input equal those one by one, bit for bit", arguments: formats, Machine.all)
    func severalProducts(format: NumberFormat, machine: Machine) throws {
        let context = try machine.context()
        let columns = 96
        let plain = [
            try weights(format, rows: 37, columns: columns),
            try weights(format == .q8_0 ? .q4_0 : .q8_0, rows: 16, columns: columns),
            try weights(format, rows: 5, columns: columns),
        ]
        guard plain.allSatisfy({ context.packs($0, for: .rounded) }) else { return }
        let packed = try context.packed(plain)
        var numbers = TestNumbers(seed: 3)
        let bias = try WeightVector(numbers.values(16))
        for tokens in [1, 3, 14, 30] {
            let x = try FloatMatrix(rows: tokens, columns: columns, values: numbers.values(tokens * columns))
            let found = try plain.map { try GuardedMatrix(rows: tokens, columns: $0.rows) }
            try context.linear(
                x,
                PackedProduct(packed[0], into: found[0].matrix),
                PackedProduct(packed[1], bias: bias, into: found[1].matrix),
                PackedProduct(packed[2], into: found[2].matrix)
            )
            for index in 0..<3 {
                let alone = try FloatMatrix(rows: tokens, columns: plain[index].rows)
                try context.linear(x, packed[index], bias: index == 1 ? bias : nil, product: .rounded, into: alone)
                #expect(found[index].matrix.values.map(\.bitPattern) == alone.values.map(\.bitPattern))
                #expect(found[index].isIntact)
            }
        }
    }

    @Test("are made for products that they serve")
    func kinds() throws {
        let context = try ComputeContext(threads: 1, level: .portable)
        let f32 = try weights(.f32, rows: 3, columns: 32)
        let bf16 = try weights(.bf16, rows: 3, columns: 32)
        let q8 = try weights(.q8_0, rows: 3, columns: 32)
        let q5 = try weights(.q5_0, rows: 3, columns: 32)
        for product in QuantizedProduct.allCases {
            #expect(context.packs(f32, for: product))
            #expect(context.packs(bf16, for: product) == (product == .rounded))
            #expect(context.packs(q8, for: product) == (product != .exact))
            #expect(!context.packs(q5, for: product))
        }
        let packed = try context.packed([q8])[0]
        #expect(!context.packs(packed, for: .integer))
        #expect(packed.byteCount == context.packedByteCount(q8))
    }
}
