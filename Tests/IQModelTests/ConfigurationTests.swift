// config.json in the spellings of its history, and the errors that name key and value.

import IQModel
import IQTensor
import Testing

@Suite("config.json")
struct ConfigurationTests {
    private func decoder(_ json: String) throws -> DecoderConfiguration {
        guard case .decoder(let configuration) = try ModelDescription(json: Array(json.utf8)) else {
            throw ConfigurationFault.missing(key: "a decoder")
        }
        return configuration
    }

    private func fault(_ json: String) -> ConfigurationFault? {
        do throws(ConfigurationFault) {
            _ = try ModelDescription(json: Array(json.utf8))
            return nil
        } catch {
            return error
        }
    }

    /// A Llama of width 64 with keys added or replaced; `null` removes one.
    private func llama(_ changes: [String: String] = [:], architecture: String = "LlamaForCausalLM") -> String {
        var keys = [
            "architectures": #"["\#(architecture)"]"#, "hidden_size": "64", "num_hidden_layers": "4",
            "num_attention_heads": "4", "num_key_value_heads": "2", "intermediate_size": "128", "vocab_size": "100",
            "max_position_embeddings": "256",
        ]
        keys.merge(changes) { $1 }
        return "{" + keys.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",") + "}"
    }

    @Test func rotaryInOldAndNewKeys() throws {
        let scaling = #"""
            {"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
             "original_max_position_embeddings":8192}
            """#
        let old = try decoder(llama(["rope_theta": "500000.0", "rope_scaling": scaling]))
        let new = try decoder(
            llama(["rope_parameters": scaling.replacing("{", with: #"{"rope_theta":500000.0,"#, maxReplacements: 1)])
        )
        #expect(old == new)
        #expect(
            old.rotary
                == RotaryConfiguration(
                    theta: 500_000,
                    scaling: .llama3(factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192)
                )
        )
        let linear = try decoder(llama(["rope_scaling": #"{"type":"linear","factor":2}"#]))
        #expect(linear.rotary == RotaryConfiguration(theta: 10_000, scaling: .linear(factor: 2)))
        for type in ["yarn", "dynamic", "longrope"] {
            #expect(
                fault(llama(["rope_scaling": #"{"rope_type":"\#(type)","factor":2}"#]))
                    == .unsupported(key: "rope_scaling.rope_type", value: type, supported: "default, linear, llama3")
            )
        }
        #expect(
            fault(llama(["rope_parameters": #"{"rope_type":"default","partial_rotary_factor":0.5}"#]))
                == .unsupported(
                    key: "rope_parameters.partial_rotary_factor",
                    value: "0.5",
                    supported: "1, the whole head"
                )
        )
    }

    /// Llama 3.2's factors: the first frequency turns often and stays, the last is slowed by the whole factor.
    @Test func llama3FactorsAndBack() throws {
        let scaling = RotaryScaling.llama3(
            factor: 32,
            lowFrequencyFactor: 1,
            highFrequencyFactor: 4,
            originalContext: 8192
        )
        let rotary = RotaryConfiguration(theta: 500_000, scaling: scaling)
        let factors = try #require(rotary.frequencyFactors(headDimension: 64))
        #expect(factors.count == 32)
        #expect(factors.first == 1 && factors.last == 32)
        #expect(zip(factors, factors.dropFirst()).allSatisfy { $0 <= $1 })
        let perFrequency = RotaryConfiguration(theta: 500_000, scaling: .factors(factors))
        #expect(perFrequency.namingLlama3(headDimension: 64) == rotary)
        let other = RotaryConfiguration(theta: 500_000, scaling: .factors(Array(repeating: 3, count: 32)))
        #expect(other.namingLlama3(headDimension: 64) == nil)
    }

    @Test func slidingWindows() throws {
        let window = ["sliding_window": "32"]
        let mistral = try decoder(llama(window, architecture: "MistralForCausalLM"))
        #expect(mistral.layerReach == Array(repeating: .sliding, count: 4) && mistral.slidingWindow == 32)
        let newMistral = try decoder(llama(["sliding_window": "null"], architecture: "MistralForCausalLM"))
        #expect(newMistral.layerReach == Array(repeating: .full, count: 4) && newMistral.slidingWindow == nil)
        let unused = try decoder(llama(window, architecture: "Qwen2ForCausalLM"))
        #expect(unused.layerReach == Array(repeating: .full, count: 4))
        let keys = window.merging(["use_sliding_window": "true", "max_window_layers": "3"]) { $1 }
        let used = try decoder(llama(keys, architecture: "Qwen2ForCausalLM"))
        #expect(used.layerReach == [.full, .full, .full, .sliding] && used.slidingWindow == 32)
        #expect(
            fault(
                llama(
                    ["use_sliding_window": "true", "layer_types": #"["full_attention"]"#],
                    architecture: "Qwen3ForCausalLM"
                )
            ) == .invalid(key: "layer_types", value: "1 entries", expected: "4, one for each layer")
        )
    }

    /// Gemma 3 4B's released file: the language model under `text_config`, most keys left to the defaults.
    @Test func gemmaWithinAMultimodalModel() throws {
        let configuration = try decoder(
            #"""
            {"architectures":["Gemma3ForConditionalGeneration"],"model_type":"gemma3","text_config":
            {"hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text","num_hidden_layers":34,
            "rope_scaling":{"factor":8.0,"rope_type":"linear"},"sliding_window":1024},"vision_config":{}}
            """#
        )
        #expect(configuration.heads == 8 && configuration.kvHeads == 4 && configuration.headDimension == 256)
        #expect(configuration.vocabularySize == 262_208 && configuration.maximumContext == 131_072)
        #expect(configuration.rotary == RotaryConfiguration(theta: 1_000_000, scaling: .linear(factor: 8)))
        #expect(configuration.slidingRotary == RotaryConfiguration(theta: 10_000))
        #expect(
            configuration.layerReach.prefix(7) == [.sliding, .sliding, .sliding, .sliding, .sliding, .full, .sliding]
        )
        #expect(configuration.slidingWindow == 1024 && configuration.attentionScale == 0.0625)
    }

    @Test func impossibleValues() {
        #expect(fault(llama()) == nil)
        #expect(fault("{}") == .missing(key: "architectures"))
        #expect(fault(llama(["hidden_size": "null"])) == .missing(key: "hidden_size"))
        #expect(
            fault(llama(["hidden_size": "-64"]))
                == .invalid(key: "hidden_size", value: "-64", expected: "1 to 2147483647")
        )
        #expect(
            fault(llama(["hidden_size": "64.5"]))
                == .wrongType(key: "hidden_size", expected: "an integer", found: "a number")
        )
        #expect(
            fault(llama(["vocab_size": "9223372036854775807"]))
                == .invalid(key: "vocab_size", value: "9223372036854775807", expected: "1 to 2147483647")
        )
        #expect(
            fault(llama(["num_key_value_heads": "3"]))
                == .invalid(
                    key: "num_key_value_heads",
                    value: "3",
                    expected: "a divisor of num_attention_heads, which is 4"
                )
        )
        #expect(
            fault(llama(["num_attention_heads": "6"]))
                == .invalid(
                    key: "num_attention_heads",
                    value: "6",
                    expected: "a divisor of hidden_size, which is 64, or head_dim beside it"
                )
        )
        #expect(
            fault(llama(["num_hidden_layers": "2000000000"]))
                == .invalid(key: "num_hidden_layers", value: "2000000000", expected: "at most 4096")
        )
        #expect(
            fault(llama(["rms_norm_eps": "0"]))
                == .invalid(key: "rms_norm_eps", value: "0.0", expected: "a finite number above 0")
        )
        #expect(
            fault(llama(["rope_theta": "1e400"]))
                == .invalid(key: "rope_theta", value: "inf", expected: "a finite number above 0")
        )
        guard case .notJSON = fault(llama(["rms_norm_eps": "NaN"])) else {
            Issue.record("NaN is no JSON")
            return
        }
    }

    @Test func whatIsNotImplementedIsNamed() {
        guard
            case .unknownArchitecture("MixtralForCausalLM", let supported) = fault(
                llama(architecture: "MixtralForCausalLM")
            )
        else {
            Issue.record("Mixtral")
            return
        }
        #expect(supported.contains("LlamaForCausalLM"))
        #expect(
            fault(llama(["num_local_experts": "8"]))
                == .unsupported(key: "num_local_experts", value: "8", supported: "0 (no mixture of experts)")
        )
        #expect(
            fault(llama(["hidden_act": #""relu""#]))
                == .unsupported(key: "hidden_act", value: "relu", supported: "silu, gelu_pytorch_tanh")
        )
        #expect(
            fault(llama(["quantization_config": #"{"quant_method":"gptq"}"#]))
                == .unsupported(
                    key: "quantization_config",
                    value: "gptq",
                    supported: "f32, f16 and bf16 weights, or GGUF"
                )
        )
    }

    @Test func encoders() throws {
        let roberta = #"""
            {"architectures":["RobertaForSequenceClassification"],"hidden_size":64,"num_hidden_layers":2,
            "num_attention_heads":4,"intermediate_size":128,"vocab_size":100,"max_position_embeddings":514,
            "type_vocab_size":1,"pad_token_id":1,"layer_norm_eps":1e-5,"hidden_act":"gelu",
            "id2label":{"0":"drop","1":"keep"}}
            """#
        guard case .encoder(let configuration) = try ModelDescription(json: Array(roberta.utf8)) else {
            Issue.record("not an encoder")
            return
        }
        #expect(configuration.firstPosition == 2 && configuration.maximumContext == 512)
        #expect(configuration.labels == ["drop", "keep"])
        #expect(
            fault(roberta.replacing(#""gelu""#, with: #""gelu_new""#))
                == .unsupported(key: "hidden_act", value: "gelu_new", supported: "gelu")
        )
        #expect(
            fault(roberta.replacing(#""pad_token_id":1"#, with: #""pad_token_id":600"#))
                == .invalid(
                    key: "pad_token_id",
                    value: "600",
                    expected: "0 to 512, within max_position_embeddings"
                )
        )
    }

    /// What is written reads back as the same value, for every family.
    @Test func writtenAndReadAgain() throws {
        let sources = [
            llama(["rope_scaling": #"{"type":"linear","factor":2.5}"#, "attention_bias": "true", "mlp_bias": "true"]),
            llama(["sliding_window": "32"], architecture: "MistralForCausalLM"),
            llama(["sliding_window": "null"], architecture: "MistralForCausalLM"),
            llama(["use_sliding_window": "true", "max_window_layers": "2"], architecture: "Qwen2ForCausalLM"),
            llama(["head_dim": "32", "rope_theta": "1e6"], architecture: "Qwen3ForCausalLM"),
            llama(
                [
                    "query_pre_attn_scalar": "168", "rope_scaling": #"{"rope_type":"linear","factor":8}"#,
                    "final_logit_softcapping": "30",
                ],
                architecture: "Gemma3ForCausalLM"
            ),
        ]
        for source in sources {
            let configuration = try decoder(source)
            let written = try configuration.huggingFaceConfiguration(
                format: .f32,
                specialTokens: SpecialTokenIDs(endOfText: 2),
                path: "config.json"
            )
            let again = try ModelDescription(json: written.bytes)
            #expect(again == .decoder(configuration))
        }
    }
}
