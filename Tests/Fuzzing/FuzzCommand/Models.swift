// Weights and configurations from foreign files.

import IQModel
import IQTensor
import IQText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

private func load(_ url: URL) {
    // Plain code on one thread: the sanitizer then sees every access in the simplest form.
    guard let context = try? ComputeContext(threads: 1, level: .portable) else { return }
    for precision in [WeightPrecision.stored, .converted(.f32)] {
        guard let model = try? loadModel(at: url, precision: precision, context: context) else { return }
        if let tokenizer = model.tokenizer { exercise(tokenizer) }
    }
}

/// A whole GGUF file: structure, metadata, vocabulary, configuration, tensors.
@Sendable func fuzzGGUF(_ bytes: UnsafeBufferPointer<UInt8>) {
    if let file = Scratch.write(Data(buffer: bytes), "model.gguf") { load(file) }
}

/// The weights of a Hugging Face folder; the configuration is that of the tiny model in the seeds.
@Sendable func fuzzSafetensors(_ bytes: UnsafeBufferPointer<UInt8>) {
    _ = Scratch.write(Data(tinyConfiguration.utf8), "config.json")
    if Scratch.write(Data(buffer: bytes), "model.safetensors") != nil { load(Scratch.folder) }
}

/// The configuration of a Hugging Face folder whose weights are an empty list.
@Sendable func fuzzConfiguration(_ bytes: UnsafeBufferPointer<UInt8>) {
    _ = Scratch.write(Data([2, 0, 0, 0, 0, 0, 0, 0, UInt8(ascii: "{"), UInt8(ascii: "}")]), "model.safetensors")
    if Scratch.write(Data(buffer: bytes), "config.json") != nil { load(Scratch.folder) }
}

/// The model of the safetensors seeds; `Scripts/support/make_fuzz_seeds.py` writes its weights.
private let tinyConfiguration = """
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 8, "intermediate_size": 16,
     "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 4, "vocab_size": 8,
     "max_position_embeddings": 16, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
     "tie_word_embeddings": true, "attention_bias": false, "mlp_bias": false, "bos_token_id": 1, "eos_token_id": 2}
    """
