// GGUF files that were cut, damaged or made to harm: each gives its own error, and none takes memory or time.

import IQModel
import IQTensor
import IQText
import Testing

@Suite("Hostile GGUF files")
struct GGUFHostileTests {
    private func fault(_ bytes: [UInt8]) throws -> GGUFFault? {
        let storage = try TensorStorage.allocate(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
        do throws(GGUFFault) {
            _ = try GGUFFile(storage)
            return nil
        } catch {
            return error
        }
    }

    /// One tensor of two rows of four, one entry of each kind.
    private var valid: GGUFBuilder {
        var builder = GGUFBuilder()
        builder.entry("general.architecture", type: 8, GGUFBuilder.string("llama"))
        builder.entry("flag", type: 7, [1])
        builder.entry(
            "list",
            type: 9,
            GGUFBuilder.number(UInt32(8)) + GGUFBuilder.number(UInt64(1)) + GGUFBuilder.string("x")
        )
        builder.tensor("w", [4, 2], offset: 0)
        builder.data = [UInt8](repeating: 0, count: 32)
        return builder
    }

    @Test func aValidFileIsRead() throws {
        let bytes = valid.bytes
        let storage = try TensorStorage.allocate(byteCount: bytes.count) { $0.copyBytes(from: bytes) }
        let file = try GGUFFile(storage)
        #expect(file.metadata["list"] == .array(.string([Array("x".utf8)])))
        #expect(file.metadata["flag"] == .bool(true))
        #expect(file.tensors.map(\.shape) == [[2, 4]])
        #expect(file.tensors[0].byteCount == 32)
    }

    @Test func everyCutIsAnError() throws {
        let bytes = valid.bytes
        for length in 1..<bytes.count {
            #expect(try fault(Array(bytes.prefix(length))) != nil, "cut to \(length) of \(bytes.count) bytes")
        }
        let whole = try fault(bytes)
        #expect(whole == nil)
    }

    @Test func magicAndVersion() throws {
        var file = valid
        file.magic = Array("GGML".utf8)
        #expect(try fault(file.bytes) == .wrongMagic(Array("GGML".utf8)))
        for version in [UInt32(0), 1, 4, 99] {
            file = valid
            file.version = version
            #expect(try fault(file.bytes) == .unsupportedVersion(version, supported: [2, 3]))
        }
        file = valid
        file.version = UInt32(3).byteSwapped
        #expect(try fault(file.bytes) == .bigEndian)
        file = valid
        file.version = 2
        #expect(try fault(file.bytes) == nil)
    }

    @Test func hugeCountsAreRefusedBeforeAnythingIsAllocated() throws {
        let huge = UInt64(1) << 60
        var file = valid
        file.tensorCount = huge
        guard case .countTooLarge("tensors", huge, _, 8) = try fault(file.bytes) else {
            Issue.record("tensors")
            return
        }
        file = valid
        file.entryCount = huge
        guard case .countTooLarge("metadata entries", huge, _, 16) = try fault(file.bytes) else {
            Issue.record("entries")
            return
        }
        for count in [huge, .max, UInt64(Int.max)] {
            var text = valid
            text.entry("text", type: 8, GGUFBuilder.number(count))
            guard case .countTooLarge("bytes of text", count, _, _) = try fault(text.bytes) else {
                Issue.record("a string")
                return
            }
            var array = valid
            array.entry("array", type: 9, GGUFBuilder.number(UInt32(4)) + GGUFBuilder.number(count))
            guard case .countTooLarge("elements of array", count, _, _) = try fault(array.bytes) else {
                Issue.record("an array")
                return
            }
        }
    }

    @Test func shapes() throws {
        func shape(_ shape: [UInt64], type: UInt32 = 0) throws -> GGUFFault? {
            var file = GGUFBuilder()
            file.tensor("w", shape, type: type, offset: 0)
            file.data = [UInt8](repeating: 0, count: 64)
            return try fault(file.bytes)
        }
        #expect(try shape([4, 0]) == .invalidShape(tensor: "w", shape: [4, 0], reason: "a dimension is 0"))
        let large = UInt64(1) << 40
        #expect(
            try shape([large, large]) == .invalidShape(tensor: "w", shape: [large, large], reason: "too many elements")
        )
        #expect(try shape([.max]) == .invalidShape(tensor: "w", shape: [.max], reason: "too many elements"))
        #expect(
            try shape([31], type: 8)
                == .invalidShape(tensor: "w", shape: [31], reason: "a row of q8_0 is a multiple of 32 long")
        )
        guard case .invalidShape("w", [], _) = try shape([]) else {
            Issue.record("no dimension")
            return
        }
        guard case .invalidShape("w", [], _) = try shape([1, 1, 1, 1, 1]) else {
            Issue.record("five dimensions")
            return
        }
        guard case .unsupportedTensorType("w", "Q2_K", _) = try shape([256], type: 10) else {
            Issue.record("a type of ggml's that is not read")
            return
        }
        guard case .unsupportedTensorType("w", "type 12345", _) = try shape([256], type: 12345) else {
            Issue.record("an unknown type")
            return
        }
    }

    @Test func placesOfTensors() throws {
        func placed(_ offsets: [UInt64]) throws -> GGUFFault? {
            var file = GGUFBuilder()
            for (index, offset) in offsets.enumerated() { file.tensor("w\(index)", [16], offset: offset) }
            file.data = [UInt8](repeating: 0, count: 128)
            return try fault(file.bytes)
        }
        #expect(try placed([0, 64]) == nil)
        #expect(try placed([64, 0]) == nil)
        #expect(try placed([0, 32]) == .overlap("w0", "w1"))
        #expect(try placed([0, 0]) == .overlap("w0", "w1"))
        #expect(try placed([8]) == .misaligned(tensor: "w0", offset: 8, alignment: 32))
        #expect(try placed([96]) == .outOfBounds(tensor: "w0", offset: 96, byteCount: 64, available: 128))
        let far = UInt64(1) << 63
        #expect(try placed([far]) == .outOfBounds(tensor: "w0", offset: far, byteCount: 64, available: 128))
    }

    @Test func namesAndKeys() throws {
        var file = valid
        file.tensor("w", [4], offset: 32)
        #expect(try fault(file.bytes) == .duplicateTensor("w"))
        file = valid
        file.entry("flag", type: 7, [0])
        #expect(try fault(file.bytes) == .duplicateKey("flag"))
        file = GGUFBuilder()
        file.entries.append(GGUFBuilder.string([0xc3, 0x28]) + GGUFBuilder.number(UInt32(7)) + [1])
        #expect(try fault(file.bytes) == .invalidName(what: "metadata key", offset: 24))
        file = GGUFBuilder()
        file.tensor("", [4], offset: 0)
        guard case .countTooLarge = try fault(file.bytes + [0]) ?? .bigEndian else {
            #expect(try fault(file.bytes) == .invalidName(what: "tensor name", offset: 24))
            return
        }
    }

    @Test func values() throws {
        var file = valid
        file.entry("odd", type: 7, [2])
        guard case .invalidBoolean("odd", 2, _) = try fault(file.bytes) else {
            Issue.record("a boolean of 2")
            return
        }
        file = valid
        file.entry("odd", type: 77, [2])
        guard case .unknownValueType("odd", 77, _) = try fault(file.bytes) else {
            Issue.record("type 77")
            return
        }
        // Arrays within arrays, a hundred deep.
        let nested = (0..<100).flatMap { _ in GGUFBuilder.number(UInt32(9)) + GGUFBuilder.number(UInt64(1)) }
        file = valid
        file.entry("deep", type: 9, nested + GGUFBuilder.number(UInt32(0)) + GGUFBuilder.number(UInt64(0)))
        #expect(try fault(file.bytes) == .nestedTooDeep(key: "deep", limit: 8))
        for (alignment, text) in [(UInt32(0), "0"), (1, "1"), (33, "33"), (4, "4")] {
            file = valid
            file.entry("general.alignment", type: 4, GGUFBuilder.number(alignment))
            #expect(try fault(file.bytes) == .invalidAlignment(text))
        }
        file = valid
        file.entry("general.alignment", type: 8, GGUFBuilder.string("32"))
        #expect(try fault(file.bytes) == .invalidAlignment("of type string"))
        file = valid
        file.entry("split.count", type: 2, GGUFBuilder.number(UInt16(3)))
        #expect(try fault(file.bytes) == .split(parts: 3))
    }

    // MARK: Meaning of the metadata

    private func configurationFault(_ change: (inout GGUFMetadata) -> Void) -> ConfigurationFault? {
        var metadata = GGUFMetadata()
        metadata.set("general.architecture", .text("llama"))
        for (key, value) in [
            ("embedding_length", UInt32(64)), ("block_count", 2), ("attention.head_count", 4),
            ("attention.head_count_kv", 2), ("feed_forward_length", 128), ("context_length", 256), ("vocab_size", 100),
        ] { metadata.set("llama.\(key)", .uint32(value)) }
        metadata.set("llama.attention.layer_norm_rms_epsilon", .float32(1e-5))
        change(&metadata)
        do throws(ConfigurationFault) {
            _ = try DecoderConfiguration(gguf: metadata, tensors: [:], rotaryFactors: nil)
            return nil
        } catch {
            return error
        }
    }

    @Test func impossibleConfigurationsAreNamed() {
        #expect(configurationFault { _ in } == nil)
        #expect(
            configurationFault { $0.set("general.architecture", .text("mamba")) }
                == .unknownArchitecture("mamba", supported: ["gemma3", "llama", "qwen2", "qwen3"])
        )
        #expect(
            configurationFault { $0.set("llama.block_count", .signed(-3, .int32)) }
                == .invalid(key: "llama.block_count", value: "-3", expected: "1 to 2147483647")
        )
        #expect(
            configurationFault { $0.set("llama.block_count", .uint32(.max)) }
                == .invalid(key: "llama.block_count", value: "4294967295", expected: "1 to 2147483647")
        )
        #expect(
            configurationFault { $0.set("llama.block_count", .uint32(1_000_000)) }
                == .invalid(key: "llama.block_count", value: "1000000", expected: "at most 4096")
        )
        #expect(
            configurationFault { $0.set("llama.attention.head_count_kv", .uint32(3)) }
                == .invalid(key: "llama.attention.head_count_kv", value: "3", expected: "a divisor of the 4 heads")
        )
        #expect(
            configurationFault { $0.set("llama.rope.freq_base", .float32(.nan)) }
                == .invalid(key: "llama.rope.freq_base", value: "nan", expected: "a finite number above 0")
        )
        #expect(
            configurationFault { $0.set("llama.rope.scaling.type", .text("yarn")) }
                == .unsupported(key: "llama.rope.scaling.type", value: "yarn", supported: "none, linear")
        )
        #expect(
            configurationFault { $0.set("llama.expert_count", .uint32(8)) }
                == .unsupported(key: "llama.expert_count", value: "8", supported: "0 (no mixture of experts)")
        )
        #expect(
            configurationFault { $0.set("llama.rope.dimension_count", .uint32(8)) }
                == .unsupported(key: "llama.rope.dimension_count", value: "8", supported: "16, the whole head")
        )
        #expect(
            configurationFault { $0.set("llama.embedding_length", .text("64")) }
                == .wrongType(key: "llama.embedding_length", expected: "an integer", found: "of type string")
        )
        #expect(
            configurationFault { $0.set("llama.embedding_length", .uint32(62)) }
                == .invalid(
                    key: "llama.attention.head_count",
                    value: "4",
                    expected: "a divisor of the width 62, or attention.key_length beside it"
                )
        )
    }

    @Test func aTokenOutsideTheVocabularyIsNamed() {
        var metadata = GGUFMetadata()
        metadata.set("tokenizer.ggml.model", .text("gpt2"))
        metadata.set("tokenizer.ggml.tokens", .array(.string([[65], [66]])))
        metadata.set("tokenizer.ggml.eos_token_id", .uint32(2))
        #expect(throws: ConfigurationFault.invalid(key: "tokenizer.ggml.eos_token_id", value: "2", expected: "0 to 1"))
        {
            _ = try GGUFVocabulary(metadata)
        }
        metadata.set("tokenizer.ggml.eos_token_id", .uint32(1))
        metadata.set("tokenizer.ggml.scores", .array(.float([0], .float32)))
        #expect(
            throws: ConfigurationFault.invalid(
                key: "tokenizer.ggml.scores",
                value: "1 entries",
                expected: "2, one for each token"
            )
        ) {
            _ = try GGUFVocabulary(metadata)
        }
    }
}
