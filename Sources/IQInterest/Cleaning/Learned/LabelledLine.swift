// Lines that say whether they are noise: what a head is trained and measured on.

internal import IQText

/// A text that is known to be noise or to be clean.
public struct LabelledLine: Sendable, Hashable {
    public let text: String
    public let isNoise: Bool
    /// What kind of noise it is, such as `logLine`; figures are given by kind, and kinds are held out whole. nil is one kind.
    public let kind: String?
    /// Where the line comes from, such as `titles`; the share of clean lines that is dropped is given by source.
    public let source: String?
    /// Which side of the split the line is on; nil leaves it to a hash of its words.
    public let side: CleaningNoise.Side?

    public init(
        text: String,
        isNoise: Bool,
        kind: String? = nil,
        source: String? = nil,
        side: CleaningNoise.Side? = nil
    ) {
        self.text = text
        self.isNoise = isNoise
        self.kind = kind
        self.source = source
        self.side = side
    }

    /// Clean lines with synthetic noise beside them. Clean lines get their sides, and noise that is made by breaking a line breaks
    /// one of its own side.
    ///
    /// - Parameters:
    ///   - clean: lines, of which those that are noise are kept as they are.
    ///   - count: lines of every kind for training; half as many are made for the test.
    ///   - seed: fixes the split and the noise.
    public static func mixing(
        _ clean: [LabelledLine],
        withNoiseOfEach count: Int,
        seed: UInt64 = 0
    ) -> [LabelledLine] {
        let sided = clean.map { line in
            LabelledLine(
                text: line.text,
                isNoise: line.isNoise,
                kind: line.kind,
                source: line.source,
                side: line.side ?? LineSplit(seed: seed).side(of: line)
            )
        }
        let noise = CleaningNoise(seed: seed)
        return [CleaningNoise.Side.training, .test].reduce(into: sided) { lines, side in
            let texts = sided.filter { !$0.isNoise && $0.side == side }.map(\.text)
            lines += noise.lines(ofEach: side == .training ? count : (count + 1) / 2, for: side, breaking: texts).map {
                LabelledLine(text: $0.text, isNoise: true, kind: $0.kind.rawValue, source: "synthetic", side: side)
            }
        }
    }
}

/// Which part of training a line serves, by a hash of its words, so that a line and its likes are on one side.
struct LineSplit {
    let seed: UInt64

    enum Part { case training, calibration, test }

    /// Six tenths of the clean lines train, two choose the threshold, two measure. Of noise eight train and two measure.
    func part(of line: LabelledLine) -> Part {
        let tenth = tenth(line.text)
        switch (line.side, line.isNoise) {
        case (.test, _): return .test
        case (.training, true): return .training
        // The same lines as without a side, so that both ways agree.
        case (.training, false): return tenth % 4 == 3 ? .calibration : .training
        case (nil, true): return tenth < 8 ? .training : .test
        case (nil, false): return tenth < 8 ? (tenth % 4 == 3 ? .calibration : .training) : .test
        }
    }

    func side(of line: LabelledLine) -> CleaningNoise.Side { part(of: line) == .test ? .test : .training }

    func tenth(_ text: String) -> Int { Int(hash(text) % 10) }

    /// One of some folds, independent of the tenth.
    func fold(_ text: String, of count: Int) -> Int { Int((hash(text) >> 20) % UInt64(count)) }

    private func hash(_ text: String) -> UInt64 {
        StableHash.of("\(seed) " + CleaningText.comparable(text))
    }
}

/// Labelled lines of a file in JSON Lines:
/// ```json
/// {"text": "asdf jkl", "label": "noise", "kind": "keyboardMash"}
/// {"text": "heat pump running costs", "label": "clean", "source": "queries"}
/// ```
/// `text` and `label` (`noise` or `clean`) are required; `kind`, `source` and `side` (`training` or `test`) are not.
public struct LabelledLineFile: Sendable {
    public let path: String
    public let options: RecordFileOptions

    /// - Parameter path: the file; `-` is the standard input.
    public init(path: String, options: RecordFileOptions = RecordFileOptions()) {
        self.path = path
        self.options = options
    }

    /// All lines, in memory.
    public func readAll() throws(SignalFileError) -> [LabelledLine] {
        try RecordIterator<LabelledLine>(
            path: path,
            maximumLineBytes: options.maximumLineBytes,
            invalidLines: options.invalidLines
        ) { bytes, number throws(InvalidLine) in
            let fields = try LineFields.object(line: bytes, number: number)
            let label = try fields.required("label")
            guard label.text == "noise" || label.text == "clean" else {
                throw fields.failure(
                    .wrongType(expected: "the label noise or clean", found: "another text"),
                    at: label.node,
                    field: "label"
                )
            }
            let side = try fields.optional("side")
            guard side == nil || side.flatMap({ CleaningNoise.Side(rawValue: $0.text) }) != nil else {
                throw fields.failure(
                    .wrongType(expected: "the side training or test", found: "another text"),
                    at: side?.node,
                    field: "side"
                )
            }
            return LabelledLine(
                text: try fields.required("text").text,
                isNoise: label.text == "noise",
                kind: try fields.optional("kind")?.text,
                source: try fields.optional("source")?.text,
                side: side.flatMap { CleaningNoise.Side(rawValue: $0.text) }
            )
        }.rest()
    }
}
