// Number formats: sizes, expansion to f32 and rounding from it, against what the gguf package computes.

import IQTensor
import Testing
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Number formats")
struct FormatTests {
    /// One line of Fixtures/formats.txt, recorded by Scripts/record-format-fixtures.py.
    struct Record: Sendable, CustomTestStringConvertible {
        let kind: String
        let format: NumberFormat
        let input: [UInt8]
        let output: [UInt8]

        var testDescription: String { "\(kind) \(format.rawValue)" }
    }

    static let records: [Record] = {
        let url = packageFolder.appending(path: "Tests/IQTensorTests/Fixtures/formats.txt")
        guard let data = try? Data(contentsOf: url) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count == 4,
                let format = NumberFormat.allCases.first(where: { $0.rawValue.lowercased() == fields[1] })
            else { return nil }
            return Record(
                kind: String(fields[0]),
                format: format,
                input: bytes(ofHexadecimal: fields[2]),
                output: bytes(ofHexadecimal: fields[3])
            )
        }
    }()

    static func bytes(ofHexadecimal text: Substring) -> [UInt8] {
        let digits = Array(text.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)
        }
    }

    static func floats(_ bytes: [UInt8]) -> [Float] {
        bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: buffer.count, by: 4).map { offset in
                Float(bitPattern: UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            }
        }
    }

    /// The values at a level, of bytes that begin at an odd address.
    static func expand(_ bytes: [UInt8], _ format: NumberFormat, _ level: InstructionLevel) throws -> [Float] {
        let context = try ComputeContext(threads: 2, level: level)
        let count = bytes.count / format.bytesPerBlock * format.blockLength
        let matrix = try matrix(format, rows: 1, columns: count, bytes: bytes, offset: format == .f32 ? 4 : 3)
        return try context.dequantized(matrix).withBytes { floats(Array($0)) }
    }

    static func bits(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern } }

    @Test("every format has the block of GGUF")
    func sizes() {
        let expected: [NumberFormat: (Int, Int)] = [
            .f32: (1, 4), .f16: (1, 2), .bf16: (1, 2), .q8_0: (32, 34), .q4_0: (32, 18), .q4_1: (32, 20),
            .q5_0: (32, 22), .q5_1: (32, 24), .q4_K: (256, 144), .q5_K: (256, 176), .q6_K: (256, 210),
        ]
        for format in NumberFormat.allCases {
            #expect(format.blockLength == expected[format]?.0)
            #expect(format.bytesPerBlock == expected[format]?.1)
        }
    }

    @Test("the fixtures cover all formats")
    func fixturesAreComplete() {
        #expect(Self.records.filter { $0.kind == "expand" }.map(\.format) == NumberFormat.allCases)
        #expect(Self.records.filter { $0.kind == "round" }.map(\.format) == [.f16, .bf16, .q8_0, .q4_0])
    }

    @Test(
        "expansion equals the gguf package's bit for bit",
        arguments: records.filter { $0.kind == "expand" },
        InstructionLevel.supported
    )
    func expansion(record: Record, level: InstructionLevel) throws {
        let found = try Self.expand(record.input, record.format, level)
        #expect(found.map(\.bitPattern) == Self.floats(record.output).map(\.bitPattern))
    }

    @Test("rounding gives the gguf package's bytes", arguments: records.filter { $0.kind == "round" })
    func rounding(record: Record) throws {
        let context = try ComputeContext(threads: 1)
        let values = Self.floats(record.input)
        let source = try WeightMatrix(rows: 1, columns: values.count, values: values)
        let found = try context.converted(source, to: record.format).withBytes { Array($0) }
        #expect(found == record.output)
    }

    @Test("levels expand random blocks alike, with any scale", arguments: NumberFormat.quantized)
    func levelsAgree(format: NumberFormat) throws {
        var numbers = TestNumbers(seed: 5)
        let bytes = (0..<(format.bytesPerBlock * 211)).map { _ in UInt8(truncatingIfNeeded: numbers.nextBits()) }
        let reference = Self.bits(try Self.expand(bytes, format, .portable))
        for level in InstructionLevel.supported {
            let found = Self.bits(try Self.expand(bytes, format, level))
            #expect(found == reference, "\(level)")
        }
    }

    @Test("all 65536 halves and brain floats expand exactly", arguments: InstructionLevel.supported)
    func allSixteenBitNumbers(level: InstructionLevel) throws {
        let all = (0...UInt16.max).flatMap { littleEndianBytes($0) }
        let halves = (0...UInt16.max).map { Float(Float16(bitPattern: $0)) }
        let brains = (0...UInt16.max).map { Float(bitPattern: UInt32($0) << 16) }
        let foundHalves = try Self.expand(all, .f16, level)
        let foundBrains = try Self.expand(all, .bf16, level)
        #expect(Self.bits(foundHalves) == Self.bits(halves))
        #expect(Self.bits(foundBrains) == Self.bits(brains))
    }

    @Test("plain numbers of any count expand, and not one more", arguments: InstructionLevel.supported)
    func awkwardCounts(level: InstructionLevel) throws {
        var numbers = TestNumbers(seed: 6)
        for format in [NumberFormat.f32, .f16, .bf16] {
            for count in [1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 63, 65, 100] {
                let bytes = randomWeightBytes(format, count: count, numbers: &numbers)
                let reference = try Self.expand(bytes, format, .portable)
                let found = try Self.expand(bytes, format, level)
                #expect(found == reference)
            }
        }
    }

    @Test("halves round to nearest even, overflow to infinity and keep NaN")
    func roundingToHalves() throws {
        let context = try ComputeContext(threads: 1)
        let values: [Float] = [
            65519.99, 65520, -65520, 1 + 0x1p-11, 1 + 0x3p-11, 0x1p-25, 0x1.8p-25, 0x1p-24, -0.0, .infinity, .nan,
            Float(bitPattern: 0x7f80_0001), -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
        ]
        let source = try WeightMatrix(rows: 1, columns: values.count, values: values)
        let halves = try context.dequantized(context.converted(source, to: .f16)).withBytes { Self.floats(Array($0)) }
        #expect(Self.bits(halves) == Self.bits(values.map { Float(Float16($0)) }))
        let brains = try context.dequantized(context.converted(source, to: .bf16)).withBytes { Self.floats(Array($0)) }
        #expect(brains[9] == .infinity && brains[10].isNaN && brains[11].isNaN && brains[12] == -.infinity)
        #expect(brains[3] == 1 && brains[0] == 65536)
    }

    @Test("blocks that hold infinities or NaN round without trapping")
    func roundingOfNonFiniteBlocks() throws {
        let context = try ComputeContext(threads: 1)
        var values = [Float](repeating: 1, count: 64)
        values[3] = .infinity
        values[40] = .nan
        let source = try WeightMatrix(rows: 1, columns: 64, values: values)
        for format in [NumberFormat.q8_0, .q4_0] {
            let found = try context.dequantized(context.converted(source, to: format))
            let back = found.withBytes { Self.floats(Array($0)) }
            // An infinite scale makes the whole block NaN or infinite; a NaN alone is rounded to 0 (q4_0: within a step).
            #expect(back[..<32].allSatisfy { !$0.isFinite })
            #expect(back[32...].allSatisfy { $0.isFinite })
        }
    }

    /// Normalised squared error of rounding a uniform block.
    static let roundingLimits: [NumberFormat: Double] = [.f16: 1e-7, .bf16: 1e-5, .q8_0: 3e-5, .q4_0: 7e-3]

    @Test("rounding loses no more than its format must", arguments: [NumberFormat.f16, .bf16, .q8_0, .q4_0])
    func roundTrip(format: NumberFormat) throws {
        var numbers = TestNumbers(seed: 7)
        let context = try ComputeContext(threads: 1)
        let values = numbers.values(32 * 100)
        let source = try WeightMatrix(rows: 100, columns: 32, values: values)
        let back = try context.dequantized(context.converted(source, to: format)).withBytes { Self.floats(Array($0)) }
        let limit = try #require(Self.roundingLimits[format])
        #expect(normalizedError(back, values.map(Double.init)) < limit)
    }

    @Test("rounding to a format that is only read is refused")
    func unsupportedRounding() throws {
        let context = try ComputeContext(threads: 1)
        let source = try WeightMatrix(rows: 1, columns: 256, values: [Float](repeating: 1, count: 256))
        #expect(throws: TensorError.unsupportedFormat(operation: "quantize")) {
            try context.converted(source, to: .q4_K)
        }
    }

    @Test("rows are gathered in the order asked for", arguments: NumberFormat.allCases, InstructionLevel.supported)
    func gathering(format: NumberFormat, level: InstructionLevel) throws {
        var numbers = TestNumbers(seed: 8)
        let columns = format.isQuantized ? format.blockLength * 3 : 37
        let bytes = randomWeightBytes(format, count: columns * 5, numbers: &numbers)
        let table = try matrix(format, rows: 5, columns: columns, bytes: bytes)
        let context = try ComputeContext(threads: 2, level: level)
        let whole = try context.dequantized(table).withBytes { Self.floats(Array($0)) }
        let rows: [Int32] = [4, 0, 0, 3, 4, 1]
        let buffer = try FloatBuffer(count: rows.count * (columns + 3))
        let destination = FloatMatrix(buffer: buffer, rows: rows.count, columns: columns, stride: columns + 3)
        try context.gatherRows(of: table, rows, into: destination)
        for (index, row) in rows.enumerated() {
            let expected = Array(whole[(Int(row) * columns)..<((Int(row) + 1) * columns)])
            let found = destination.withRow(index) { Array($0) }
            #expect(found == expected)
        }
        let gaps = FloatMatrix(buffer: buffer, rows: rows.count, columns: columns + 3)
        for index in rows.indices {
            for column in columns..<(columns + 3) { #expect(gaps[index, column] == 0) }
        }
    }
}
