// Adapter folders: what is written reads back, and what is wrong is said.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct AdapterFolderTests {
    /// Options, places and every number survive; the second file equals the first.
    @Test(arguments: AdapterGoldenTests.variants) func adaptersSurviveTheRoundTrip(variant: String) throws {
        let fixture = try AdapterFixture(variant)
        let folder = try TemporaryFolder()
        let first = folder.url.appending(path: "first")
        let second = folder.url.appending(path: "second")
        try saveAdapter(fixture.adapter, of: fixture.configuration, baseName: "tiny", to: first)
        let read = try loadAdapter(at: first, for: fixture.configuration, context: fixture.context)
        #expect(read.options == fixture.adapter.options)
        #expect(read.sites == fixture.adapter.sites)
        #expect(
            try fixture.logits(of: fixture.base.with(read)) == fixture.logits(of: fixture.base.with(fixture.adapter))
        )
        try saveAdapter(read, of: fixture.configuration, baseName: "tiny", to: second)
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            #expect(
                try Data(contentsOf: first.appending(path: name)) == Data(contentsOf: second.appending(path: name))
            )
        }
    }

    // MARK: Hostile and foreign files

    /// A copy of a recorded adapter folder with one of its files replaced.
    private func load(configuration: String? = nil, weights: [UInt8]? = nil) throws -> DecoderAdapter {
        let fixture = try AdapterFixture()
        let folder = try TemporaryFolder()
        let source = AdapterFixture.url("all_linear")
        for name in ["adapter_config.json", "adapter_model.safetensors"] {
            _ = try folder.write([UInt8](try Data(contentsOf: source.appending(path: name))), name)
        }
        if let configuration { _ = try folder.write(Array(configuration.utf8), "adapter_config.json") }
        if let weights { _ = try folder.write(weights, "adapter_model.safetensors") }
        return try loadAdapter(at: folder.url, for: fixture.configuration, context: fixture.context)
    }

    private func failure(of body: () throws -> DecoderAdapter) -> ModelError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? ModelError
        }
    }

    private func fault(of body: () throws -> DecoderAdapter) -> ConfigurationFault? {
        if case .configuration(_, let fault) = failure(of: body) { fault } else { nil }
    }

    private func mismatch(of body: () throws -> DecoderAdapter) -> TensorMismatch? {
        if case .tensors(_, let mismatch) = failure(of: body) { mismatch } else { nil }
    }

    private static let plain = #""peft_type": "LORA", "r": 4, "lora_alpha": 6, "target_modules": "all-linear""#

    /// Kinds of adapters that compute something else are refused by their name.
    @Test(
        arguments: [
            (#""use_dora": true"#, "use_dora", "true"),
            (#""modules_to_save": ["lm_head"]"#, "modules_to_save", "an array"),
            (#""rank_pattern": {"q_proj": 8}"#, "rank_pattern", "an object"),
            (#""alpha_pattern": {"q_proj": 8}"#, "alpha_pattern", "an object"),
            (#""bias": "all""#, "bias", "all"),
            (#""fan_in_fan_out": true"#, "fan_in_fan_out", "true"),
            (#""task_type": "SEQ_CLS""#, "task_type", "SEQ_CLS"),
            (#""init_lora_weights": "pissa""#, "init_lora_weights", "pissa"),
            (#""layers_to_transform": [1], "layers_pattern": "h""#, "layers_pattern", "h"),
        ]
    )
    func otherKindsAreRefused(entry: String, key: String, value: String) {
        let found = fault { try load(configuration: "{\(Self.plain), \(entry)}") }
        guard case .unsupported(let foundKey, let foundValue, _) = found else {
            Issue.record("\(entry): \(String(describing: found))")
            return
        }
        #expect(foundKey == key)
        #expect(foundValue == value)
    }

    @Test func nullFalseAndEmptyVariantsAreNone() throws {
        let rest = #""use_dora": false, "modules_to_save": null, "rank_pattern": {}, "bias": "none", "task_type": null"#
        #expect(try load(configuration: "{\(Self.plain), \(rest)}").sites.count == 14)
    }

    @Test func senselessConfigurationsAreRefused() {
        #expect(
            fault { try load(configuration: "[]") } == .notJSON(offset: 0, reason: "it is an array and not an object")
        )
        #expect(fault { try load(configuration: "{}") } == .missing(key: "peft_type"))
        #expect(
            fault { try load(configuration: #"{"peft_type": "IA3"}"#) }
                == .unsupported(key: "peft_type", value: "IA3", supported: "LORA")
        )
        #expect(
            fault { try load(configuration: #"{"peft_type": "LORA", "target_modules": "x"}"#) } == .missing(key: "r")
        )
        #expect(
            fault { try load(configuration: #"{"peft_type": "LORA", "r": -4, "target_modules": "all-linear"}"#) }
                == .invalid(key: "r", value: "-4", expected: "1 to 65536")
        )
        #expect(
            fault {
                try load(configuration: #"{"peft_type": "LORA", "r": 4, "lora_alpha": 0, "target_modules": "x"}"#)
            } == .invalid(key: "lora_alpha", value: "0.0", expected: "a finite number above 0")
        )
        #expect(
            fault {
                try load(
                    configuration:
                        #"{"peft_type": "LORA", "r": 4, "lora_dropout": 1e99, "target_modules": "all-linear"}"#
                )
            } == .invalid(key: "lora_dropout", value: "inf", expected: "at least 0 and under 1")
        )
        #expect(
            fault { try load(configuration: #"{"peft_type": "LORA", "r": 4, "target_modules": ["c_attn"]}"#) }
                == .unsupported(
                    key: "target_modules",
                    value: "modules of which this model has none",
                    supported: "q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj"
                )
        )
        #expect(
            fault { try load(configuration: #"{"peft_type": "LORA", "r": 4, "target_modules": [7]}"#) }
                == .wrongType(key: "target_modules", expected: "an array of strings", found: "a number")
        )
    }

    /// Tensors that the configuration does not name, or that are missing, or of another rank, are listed.
    @Test func tensorsMustFitTheConfiguration() throws {
        let narrow = try #require(
            mismatch { try load(configuration: #"{"peft_type": "LORA", "r": 4, "target_modules": ["q_proj"]}"#) }
        )
        #expect(narrow.unexpected.count == 24 && narrow.missing.isEmpty)
        let rank = try #require(
            mismatch { try load(configuration: #"{"peft_type": "LORA", "r": 8, "target_modules": "all-linear"}"#) }
        )
        #expect(rank.misshapen.count == 28)
        #expect(
            rank.misshapen.contains(
                .init(
                    name: "base_model.model.model.layers.0.mlp.down_proj.lora_A.weight",
                    expected: [8, 64],
                    found: [4, 64]
                )
            )
        )
        let missing = try AdapterFixture("list_rank_stabilized")
        let folder = try TemporaryFolder()
        try saveAdapter(missing.adapter, of: missing.configuration, to: folder.url)
        _ = try folder.write(Array("{\(Self.plain.replacing("4", with: "3"))}".utf8), "adapter_config.json")
        let found = try #require(
            mismatch { try loadAdapter(at: folder.url, for: missing.configuration, context: missing.context) }
        )
        #expect(found.missing.count == 20 && found.unexpected.isEmpty && found.misshapen.isEmpty)
    }

    @Test func damagedWeightsAreRefused() throws {
        let bytes = [UInt8](
            try Data(contentsOf: AdapterFixture.url("all_linear").appending(path: "adapter_model.safetensors"))
        )
        for length in [0, 4, 8, 100, bytes.count - 1] {
            #expect(throws: ModelError.self, "\(length) bytes") { try load(weights: Array(bytes.prefix(length))) }
        }
    }

    @Test func missingFilesAreNamed() throws {
        let fixture = try AdapterFixture()
        let folder = try TemporaryFolder()
        let path = folder.url.path
        func load(_ url: URL) throws {
            _ = try loadAdapter(at: url, for: fixture.configuration, context: fixture.context)
        }
        #expect(throws: ModelError.missingFile(folder: path, name: "adapter_config.json")) { try load(folder.url) }
        _ = try folder.write(Array("{}".utf8), "adapter_config.json")
        #expect(throws: ModelError.missingFile(folder: path, name: "adapter_model.safetensors")) {
            try load(folder.url)
        }
        let nothing = folder.url.appending(path: "nothing")
        #expect(throws: ModelError.notFound(path: nothing.path)) { try load(nothing) }
    }
}
