// Safetensors files that were cut, damaged or made to harm: each gives its own error.

import IQModel
import IQTensor
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Hostile safetensors files")
struct SafetensorsHostileTests {
    private func bytes(_ header: String, data: Int, length: UInt64? = nil) -> [UInt8] {
        GGUFBuilder.number(length ?? UInt64(header.utf8.count)) + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    private func fault(_ bytes: [UInt8]) throws -> SafetensorsFault? {
        let storage = try TensorStorage.allocate(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
        do throws(SafetensorsFault) {
            _ = try SafetensorsFile(storage)
            return nil
        } catch {
            return error
        }
    }

    private func fault(_ header: String, data: Int) throws -> SafetensorsFault? {
        try fault(bytes(header, data: data))
    }

    private func entry(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
    }

    @Test func aValidFileIsRead() throws {
        let header = "{" + entry("b", "F32", "[2,2]", 4, 20) + "," + entry("a", "BF16", "[2]", 0, 4) + "}"
        let file = bytes(header, data: 20)
        let storage = try TensorStorage.allocate(byteCount: file.count) { $0.copyBytes(from: file) }
        let tensors = try SafetensorsFile(storage).tensors
        #expect(tensors.map(\.name) == ["a", "b"])
        #expect(tensors.map(\.kind) == [.number(.bf16), .number(.f32)])
        for length in 1..<file.count { #expect(try fault(Array(file.prefix(length))) != nil, "cut to \(length)") }
    }

    @Test func headers() throws {
        #expect(try fault([1, 2, 3]) == .truncated(needed: 8, available: 3))
        #expect(try fault(bytes("{}", data: 0, length: 1 << 60)) == .headerLength(1 << 60, limit: 100_000_000))
        #expect(try fault(bytes("{}", data: 0, length: .max)) == .headerLength(.max, limit: 100_000_000))
        #expect(try fault(bytes("{}", data: 0, length: 50)) == .truncated(needed: 58, available: 10))
        #expect(try fault(bytes("{}", data: 0, length: 0)) == .headerLength(0, limit: 100_000_000))
        guard case .headerNotJSON = try fault("[]", data: 0) else {
            Issue.record("an array")
            return
        }
        guard case .headerNotJSON(8 + 1, _) = try fault("{x", data: 0) else {
            Issue.record("not JSON")
            return
        }
        let invalid = GGUFBuilder.number(UInt64(6)) + [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]
        guard case .headerNotJSON = try fault(invalid) else {
            Issue.record("invalid UTF-8")
            return
        }
        // A hundred thousand brackets do not exhaust the stack.
        guard case .headerNotJSON = try fault(String(repeating: "[", count: 100_000), data: 0) else {
            Issue.record("deep nesting")
            return
        }
        let twice = "{" + entry("a", "F32", "[1]", 0, 4) + "," + entry("a", "F32", "[1]", 4, 8) + "}"
        #expect(try fault(twice, data: 8) == .duplicateName("a"))
    }

    @Test func entries() throws {
        func one(_ type: String, _ shape: String, _ begin: Int, _ end: Int, data: Int = 16) throws -> SafetensorsFault?
        {
            try fault("{" + entry("a", type, shape, begin, end) + "}", data: data)
        }
        #expect(try one("F32", "[4]", 0, 16) == nil)
        #expect(try one("F32", "[0]", 0, 0, data: 0) == nil)
        #expect(try one("F32", "[5]", 0, 16) == .wrongLength(tensor: "a", expected: 20, found: 16))
        #expect(try one("F32", "[-4]", 0, 16) == .invalidShape(tensor: "a", shape: [-4]))
        let large = 1 << 40
        #expect(try one("F32", "[\(large),\(large)]", 0, 16) == .invalidShape(tensor: "a", shape: [large, large]))
        #expect(try one("F32", "[4]", 0, 17) == .outOfBounds(tensor: "a", begin: 0, end: 17, available: 16))
        #expect(try one("F32", "[4]", -16, 0) == .outOfBounds(tensor: "a", begin: -16, end: 0, available: 16))
        #expect(try one("F32", "[4]", 16, 0) == .outOfBounds(tensor: "a", begin: 16, end: 0, available: 16))
        #expect(try one("F32", "[1.5]", 0, 16) == .malformedEntry(tensor: "a", reason: "a dimension is not an integer"))
        #expect(
            try one("Q4", "[4]", 0, 16)
                == .unsupportedType(tensor: "a", found: "Q4", supported: ["F32", "F16", "BF16"])
        )
        #expect(try fault(#"{"a":{}}"#, data: 0) == .malformedEntry(tensor: "a", reason: "no dtype"))
        #expect(try fault(#"{"a":7}"#, data: 0) == .malformedEntry(tensor: "a", reason: "no dtype"))
        let huge = #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,16]}}"#
        #expect(try fault(huge, data: 16) == .malformedEntry(tensor: "a", reason: "a dimension is not an integer"))
    }

    @Test func places() throws {
        func two(_ first: Range<Int>, _ second: Range<Int>, data: Int) throws -> SafetensorsFault? {
            let entries = [("a", first), ("b", second)].map {
                entry($0.0, "U8", "[\($0.1.count)]", $0.1.lowerBound, $0.1.upperBound)
            }
            return try fault("{" + entries.joined(separator: ",") + "}", data: data)
        }
        #expect(try two(0..<8, 8..<16, data: 16) == nil)
        #expect(try two(0..<8, 7..<16, data: 16) == .overlap("a", "b"))
        #expect(try two(0..<16, 0..<16, data: 16) == .overlap("a", "b"))
        guard case .gap(let begin, let end) = try two(0..<8, 9..<16, data: 16) else {
            Issue.record("a hole")
            return
        }
        #expect(end - begin == 1)
        guard case .gap = try two(0..<8, 8..<16, data: 20) else {
            Issue.record("bytes after the last tensor")
            return
        }
    }

    // MARK: Folders

    private static let configuration = #"""
        {"architectures":["LlamaForCausalLM"],"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,
         "intermediate_size":4,"vocab_size":3,"max_position_embeddings":16,"tie_word_embeddings":true}
        """#

    private func loadError(_ folder: TemporaryFolder) throws -> ModelError? {
        let context = try testContext()
        do throws(ModelError) {
            _ = try loadModel(at: folder.url, precision: .stored, context: context)
            return nil
        } catch {
            return error
        }
    }

    @Test func everyWrongTensorIsListedAtOnce() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Array(Self.configuration.utf8), "config.json")
        let header =
            "{" + entry("model.embed_tokens.weight", "F32", "[3,9]", 0, 108) + ","
            + entry("model.norm.weight", "F32", "[8]", 108, 140) + "," + entry("stray", "F32", "[1]", 140, 144) + "}"
        _ = try folder.write(bytes(header, data: 144), "model.safetensors")
        guard case .tensors(_, let mismatch) = try loadError(folder) else {
            Issue.record("no error")
            return
        }
        #expect(mismatch.missing.count == 9)
        #expect(mismatch.missing.contains(.init(name: "model.layers.0.mlp.up_proj.weight", shape: [4, 8])))
        #expect(mismatch.unexpected == ["model.stray"] || mismatch.unexpected == ["stray"])
        #expect(mismatch.misshapen == [.init(name: "model.embed_tokens.weight", expected: [3, 8], found: [3, 9])])
    }

    @Test func indexes() throws {
        func index(_ map: String) throws -> ModelError? {
            let folder = try TemporaryFolder()
            _ = try folder.write(Array(Self.configuration.utf8), "config.json")
            _ = try folder.write(bytes("{" + entry("a", "F32", "[1]", 0, 4) + "}", data: 4), "one.safetensors")
            _ = try folder.write(Array(#"{"weight_map":\#(map)}"#.utf8), "model.safetensors.index.json")
            return try loadError(folder)
        }
        func isFault(_ error: ModelError?, _ fault: SafetensorsFault) -> Bool {
            guard case .safetensors(_, fault) = error else { return false }
            return true
        }
        #expect(isFault(try index(#"{"a":"../one.safetensors"}"#), .invalidShardName("../one.safetensors")))
        #expect(isFault(try index(#"{"a":"/etc/passwd"}"#), .invalidShardName("/etc/passwd")))
        #expect(
            isFault(
                try index(#"{"b":"one.safetensors"}"#),
                .indexMismatch(tensor: "a", file: "one.safetensors")
            )
        )
        #expect(
            isFault(
                try index(#"{"a":"one.safetensors","b":"one.safetensors"}"#),
                .indexMismatch(tensor: "b", file: "one.safetensors")
            )
        )
        guard case .missingFile(_, "two.safetensors") = try index(#"{"a":"two.safetensors"}"#) else {
            Issue.record("a missing shard")
            return
        }
    }

    @Test func foldersThatAreNoModels() throws {
        let folder = try TemporaryFolder()
        guard case .notAModel = try loadError(folder) else {
            Issue.record("an empty folder")
            return
        }
        _ = try folder.write([0], "a.gguf")
        guard case .gguf(_, .wrongMagic([0])) = try loadError(folder) else {
            Issue.record("a damaged file")
            return
        }
        _ = try folder.write([0], "b.gguf")
        guard case .ambiguousFolder(_, ["a.gguf", "b.gguf"]) = try loadError(folder) else {
            Issue.record("two files")
            return
        }
        _ = try folder.write(Array(Self.configuration.utf8), "config.json")
        guard case .missingFile(_, "model.safetensors") = try loadError(folder) else {
            Issue.record("no weights")
            return
        }
        let context = try testContext()
        let absent = folder.url.appending(path: "absent")
        #expect(throws: ModelError.notFound(path: absent.path)) {
            _ = try loadModel(at: absent, precision: .stored, context: context)
        }
    }
}
