// Lines of people and their signals from foreign files.

import IQInterest

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A JSON Lines file of people, read strictly and then with every invalid line skipped.
@Sendable func fuzzSignals(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let file = Scratch.write(Data(buffer: bytes), "people.jsonl") else { return }
    _ = try? PersonFile(path: file.path).readAll()
    let tolerant = SignalFileOptions(
        acceptedKinds: nil,
        maximumLineBytes: 4096,
        maximumSignals: 16,
        invalidLines: .skip(report: { _ in })
    )
    _ = try? PersonFile(path: file.path, options: tolerant).readAll()
}
