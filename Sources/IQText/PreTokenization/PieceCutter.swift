// Cuts at characters of a class or at a fixed string, with the behaviours that a tokenizer.json can name.

struct PieceCutter {
    let text: UnsafeBufferPointer<UInt8>
    private let classes = CharacterClasses.shared

    init(text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    /// Cuts at each character of a class.
    func cut(
        _ range: Range<Int>,
        at wanted: CharacterClass,
        _ behavior: SplitBehavior,
        to pieces: inout [Range<Int>]
    ) {
        var combiner = PieceCombiner(behavior: behavior, start: range.lowerBound)
        var position = range.lowerBound
        var open = position
        while position < range.upperBound {
            let (value, length) = UTF8Scalars.decode(text, at: position)
            if !classes[value].isDisjoint(with: wanted) {
                if open < position { combiner.add(open..<position, isMatch: false, to: &pieces) }
                combiner.add(position..<position + length, isMatch: true, to: &pieces)
                open = position + length
            }
            position += length
        }
        if open < position { combiner.add(open..<position, isMatch: false, to: &pieces) }
        combiner.finish(to: &pieces)
    }

    /// Cuts at each place where a fixed string stands; `inverted` swaps what is a match and what is between.
    func cut(
        _ range: Range<Int>,
        at literal: [UInt8],
        _ behavior: SplitBehavior,
        inverted: Bool,
        to pieces: inout [Range<Int>]
    ) {
        var combiner = PieceCombiner(behavior: behavior, start: range.lowerBound)
        var position = range.lowerBound
        var open = position
        while position + literal.count <= range.upperBound, let first = literal.first {
            guard text[position] == first, text[position..<position + literal.count].elementsEqual(literal) else {
                position += 1
                continue
            }
            if open < position { combiner.add(open..<position, isMatch: inverted, to: &pieces) }
            combiner.add(position..<position + literal.count, isMatch: !inverted, to: &pieces)
            position += literal.count
            open = position
        }
        if open < range.upperBound { combiner.add(open..<range.upperBound, isMatch: inverted, to: &pieces) }
        combiner.finish(to: &pieces)
    }

    /// `\w+|[^\w\s]+`.
    func cutWords(_ range: Range<Int>, to pieces: inout [Range<Int>]) {
        var position = range.lowerBound
        var start = position
        var kind = CharacterClass.whitespace
        while position < range.upperBound {
            let (value, length) = UTF8Scalars.decode(text, at: position)
            let found = classes[value]
            let next: CharacterClass =
                found.contains(.word) ? .word : found.contains(.whitespace) ? .whitespace : .punctuation
            if next != kind {
                if kind != .whitespace { pieces.append(start..<position) }
                start = position
                kind = next
            }
            position += length
        }
        if kind != .whitespace, start < position { pieces.append(start..<position) }
    }

    /// White space parts and goes, punctuation stands alone.
    func cutBert(_ range: Range<Int>, to pieces: inout [Range<Int>]) {
        var position = range.lowerBound
        var start = position
        while position < range.upperBound {
            let (value, length) = UTF8Scalars.decode(text, at: position)
            let found = classes[value]
            if !found.isDisjoint(with: [.whitespace, .punctuation]) {
                if start < position { pieces.append(start..<position) }
                if !found.contains(.whitespace) { pieces.append(position..<position + length) }
                start = position + length
            }
            position += length
        }
        if start < position { pieces.append(start..<position) }
    }
}

/// Puts matches and the text between them together as a behaviour asks.
private struct PieceCombiner {
    let behavior: SplitBehavior
    private var pending: Range<Int>?
    private var pendingIsMatch = false

    init(behavior: SplitBehavior, start: Int) {
        self.behavior = behavior
    }

    mutating func add(_ range: Range<Int>, isMatch: Bool, to pieces: inout [Range<Int>]) {
        switch behavior {
        case .isolated:
            pieces.append(range)
        case .removed:
            if !isMatch { pieces.append(range) }
        case .contiguous:
            join(range, isMatch: isMatch, if: isMatch == pendingIsMatch, to: &pieces)
        case .mergedWithPrevious:
            // A match joins what stands before it, unless that is a match itself.
            join(range, isMatch: isMatch, if: isMatch && !pendingIsMatch, to: &pieces)
        case .mergedWithNext:
            join(range, isMatch: isMatch, if: !isMatch && pendingIsMatch, to: &pieces)
        }
    }

    private mutating func join(
        _ range: Range<Int>,
        isMatch: Bool,
        if joins: Bool,
        to pieces: inout [Range<Int>]
    ) {
        if let open = pending, joins {
            pending = open.lowerBound..<range.upperBound
        } else {
            if let pending { pieces.append(pending) }
            pending = range
        }
        pendingIsMatch = isMatch
    }

    mutating func finish(to pieces: inout [Range<Int>]) {
        if let pending { pieces.append(pending) }
        pending = nil
    }
}
