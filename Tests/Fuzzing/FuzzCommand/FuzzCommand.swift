// The fuzzer's entry point. It is built only by Scripts/fuzz, which sets what makes Package.swift declare it.

import CFuzzer

/// Hands one input to the reader under test. Typed errors are what a reader is expected to answer; a trap, a sanitizer
/// report, a hang or unbounded memory is a finding.
typealias FuzzTarget = @Sendable (UnsafeBufferPointer<UInt8>) -> Void

@main
struct FuzzCommand {
    static let targets: [String: FuzzTarget] = [
        "gguf": fuzzGGUF,
        "safetensors": fuzzSafetensors,
        "configuration": fuzzConfiguration,
        "tokenizer": fuzzTokenizer,
        "template": fuzzTemplate,
        "signals": fuzzSignals,
    ]

    /// The target of this run. Set before libFuzzer starts and only read afterwards; its callback is a plain C function
    /// and can capture nothing.
    nonisolated(unsafe) static var current: FuzzTarget = { _ in }

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, let target = targets[arguments[1]] else {
            print("usage: interest-query-fuzz TARGET [libFuzzer options]")
            print("targets: \(targets.keys.sorted().joined(separator: ", "))")
            return
        }
        current = target
        // libFuzzer may rewrite its arguments, so it gets a copy that lives as long as the process.
        let passed = [arguments[0]] + arguments.dropFirst(2)
        let copies = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: passed.count + 1)
        for (index, argument) in passed.enumerated() {
            let bytes = argument.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            copy.initialize(from: Array(bytes), count: bytes.count)
            (copies + index).initialize(to: copy)
        }
        (copies + passed.count).initialize(to: nil)
        var count = CInt(passed.count)
        var vector = copies
        _ = LLVMFuzzerRunDriver(&count, &vector) { data, size in
            FuzzCommand.current(UnsafeBufferPointer(start: data, count: size))
            return 0
        }
    }
}
