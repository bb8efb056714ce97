// Cutting a text into the pieces that the model then splits into tokens, each on its own.

/// What a cut does with the characters it matched.
enum SplitBehavior: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
}

/// One step of a pre-tokeniser.
enum PreTokenizerStep: Sendable, Equatable {
    case pattern(KnownPattern)
    /// Cuts at a fixed string.
    case literal([UInt8], SplitBehavior, inverted: Bool)
    /// Cuts at each digit or, if not `individual`, at runs of them.
    case digits(individual: Bool)
    /// A space before each piece that starts without one (byte-level models).
    case spacePrefix
    /// Spaces become a mark, and words start at one.
    case metaspace(mark: [UInt8], prefix: SpaceMarkPrefix, splits: Bool)
    /// Runs of word characters, and runs of other visible ones.
    case whitespaceAndWords
    /// White space parts pieces and goes.
    case whitespace
    /// White space goes, punctuation stands alone.
    case bert
    case punctuation(SplitBehavior)
}

/// Where Metaspace puts a mark that the text does not have.
///
/// `first` means the first piece of a text. (The reference goes by the offsets of characters before normalisation, so that a
/// first character which decomposes into several pieces would get several marks there.)
enum SpaceMarkPrefix: String, Sendable {
    case always, first, never
}

/// The pre-tokeniser of a model: its steps in order, each cutting what the last one left.
struct PreTokenizer: Sendable, Equatable {
    var steps: [PreTokenizerStep]

    /// Calls `body` with the text of the last step and its pieces.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8.
    ///   - isTextStart: whether nothing of the input stands before this text.
    func withPieces(
        of text: UnsafeBufferPointer<UInt8>,
        isTextStart: Bool,
        _ body: (UnsafeBufferPointer<UInt8>, [Range<Int>]) -> Void
    ) {
        run(from: 0, text, [0..<text.count], isTextStart, body)
    }

    private func run(
        from first: Int,
        _ text: UnsafeBufferPointer<UInt8>,
        _ initial: [Range<Int>],
        _ isTextStart: Bool,
        _ body: (UnsafeBufferPointer<UInt8>, [Range<Int>]) -> Void
    ) {
        var ranges = initial
        for index in first..<steps.count {
            switch steps[index] {
            case .spacePrefix:
                guard ranges.contains(where: { !startsWithSpace(text, $0) }) else { continue }
                let (bytes, pieces) = rewritten(text, ranges) { bytes, range in
                    if !startsWithSpace(text, range) { bytes.append(0x20) }
                    bytes.append(contentsOf: text[range])
                }
                bytes.withUnsafeBufferPointer { run(from: index + 1, $0, pieces, isTextStart, body) }
                return
            case .metaspace(let mark, let prefix, let splits):
                let (bytes, pieces) = rewritten(text, ranges) { bytes, range in
                    let start = bytes.count
                    for byte in text[range] {
                        if byte == 0x20 { bytes.append(contentsOf: mark) } else { bytes.append(byte) }
                    }
                    let wantsMark = prefix == .always || prefix == .first && isTextStart && range.lowerBound == 0
                    if wantsMark, !bytes[start...].starts(with: mark) { bytes.insert(contentsOf: mark, at: start) }
                }
                bytes.withUnsafeBufferPointer { marked in
                    var cut = pieces
                    if splits {
                        cut = []
                        for range in pieces {
                            PieceCutter(text: marked).cut(range, at: mark, .mergedWithNext, inverted: false, to: &cut)
                        }
                    }
                    run(from: index + 1, marked, cut, isTextStart, body)
                }
                return
            default:
                ranges = cut(steps[index], text, ranges)
            }
        }
        body(text, ranges)
    }

    private func cut(
        _ step: PreTokenizerStep,
        _ text: UnsafeBufferPointer<UInt8>,
        _ ranges: [Range<Int>]
    ) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        let cutter = PieceCutter(text: text)
        for range in ranges where !range.isEmpty {
            switch step {
            case .pattern(let pattern): pattern.appendPieces(text, range, to: &pieces)
            case .literal(let literal, let behavior, let inverted):
                cutter.cut(range, at: literal, behavior, inverted: inverted, to: &pieces)
            case .digits(let individual):
                cutter.cut(range, at: .digit, individual ? .isolated : .contiguous, to: &pieces)
            case .whitespaceAndWords: cutter.cutWords(range, to: &pieces)
            case .whitespace: cutter.cut(range, at: .whitespace, .removed, to: &pieces)
            case .bert: cutter.cutBert(range, to: &pieces)
            case .punctuation(let behavior): cutter.cut(range, at: .punctuation, behavior, to: &pieces)
            case .spacePrefix, .metaspace: pieces.append(range)
            }
        }
        return pieces
    }

    private func startsWithSpace(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        range.isEmpty || text[range.lowerBound] == 0x20
    }

    private func rewritten(
        _ text: UnsafeBufferPointer<UInt8>,
        _ ranges: [Range<Int>],
        _ append: (inout [UInt8], Range<Int>) -> Void
    ) -> ([UInt8], [Range<Int>]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + text.count / 4 + 8)
        var pieces: [Range<Int>] = []
        pieces.reserveCapacity(ranges.count)
        for range in ranges where !range.isEmpty {
            let start = bytes.count
            append(&bytes, range)
            pieces.append(start..<bytes.count)
        }
        return (bytes, pieces)
    }
}
