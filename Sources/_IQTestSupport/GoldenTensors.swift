// Tensors of a recorded safetensors file, for tests: a plain reader, apart from the library's own.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The f32 and int32 tensors of a safetensors file.
public struct GoldenTensors: Sendable {
    public struct Tensor: Sendable {
        public var shape: [Int]
        public var floats: [Float] = []
        public var integers: [Int32] = []

        /// Row `row` of the tensor taken as [rows, last dimension].
        public func row(_ row: Int) -> ArraySlice<Float> {
            let columns = shape.last ?? 1
            return floats[(row * columns)..<((row + 1) * columns)]
        }
    }

    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    public private(set) var tensors: [String: Tensor] = [:]

    public init(contentsOf url: URL) throws {
        let data = [UInt8](try Data(contentsOf: url))
        let headerLength = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = Data(data[8..<(8 + headerLength)])
        for (name, entry) in try JSONDecoder().decode([String: FailableEntry].self, from: header) {
            guard let entry = entry.entry else { continue }
            let start = 8 + headerLength
            let bytes = data[(start + entry.data_offsets[0])..<(start + entry.data_offsets[1])]
            let words = stride(from: bytes.startIndex, to: bytes.endIndex, by: 4).map { offset in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
            }
            var tensor = Tensor(shape: entry.shape)
            switch entry.dtype {
            case "F32": tensor.floats = words.map(Float.init(bitPattern:))
            case "I32": tensor.integers = words.map(Int32.init(bitPattern:))
            default: continue
            }
            tensors[name] = tensor
        }
    }

    /// The header's `__metadata__` is no tensor.
    private struct FailableEntry: Decodable {
        var entry: Entry?

        init(from decoder: any Swift.Decoder) throws { entry = try? Entry(from: decoder) }
    }

    public subscript(_ name: String) -> Tensor? { tensors[name] }
}
