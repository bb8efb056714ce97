// Ranges of Unicode scalars as expressions over UTF-8 bytes (The Unicode Standard 15, table 3-7, well-formed sequences).

/// What lies between these ranges in 0 ... U+10FFFF.
func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
        next = max(next, range.upperBound + 1)
    }
    if next <= 0x10FFFF { result.append(next...0x10FFFF) }
    return result
}

/// The UTF-8 sequences of the scalars in the ranges. Surrogates, which are no scalars, are left out.
func utf8Expression(of ranges: [ClosedRange<UInt32>]) -> ByteExpression {
    /// Stretches of equal encoded length without surrogates.
    let stretches: [(range: ClosedRange<UInt32>, length: Int)] = [
        (0x00...0x7F, 1), (0x80...0x7FF, 2), (0x800...0xD7FF, 3), (0xE000...0xFFFF, 3), (0x10000...0x10FFFF, 4),
    ]
    // Overlaps are harmless in a choice, but the complement of the complement is sorted and has none.
    let ranges = complement(of: complement(of: ranges))
    var sequences: [ByteExpression] = []
    for range in ranges {
        for stretch in stretches where range.overlaps(stretch.range) {
            appendSequences(range.clamped(to: stretch.range), length: stretch.length, to: &sequences)
        }
    }
    return .choice(sequences)
}

/// Splits a range until each part is a product of byte ranges: a part whose ends differ in some leading bits must span
/// all values of the trailing ones.
private func appendSequences(_ range: ClosedRange<UInt32>, length: Int, to sequences: inout [ByteExpression]) {
    let (low, high) = (range.lowerBound, range.upperBound)
    for trailingBytes in stride(from: 1, to: length, by: 1) {
        let mask = (UInt32(1) << UInt32(6 * trailingBytes)) - 1
        guard low & ~mask != high & ~mask else { continue }
        if low & mask != 0 {
            appendSequences(low...(low | mask), length: length, to: &sequences)
            appendSequences(((low | mask) + 1)...high, length: length, to: &sequences)
            return
        }
        if high & mask != mask {
            appendSequences(low...((high & ~mask) - 1), length: length, to: &sequences)
            appendSequences((high & ~mask)...high, length: length, to: &sequences)
            return
        }
    }
    let (first, last) = (utf8Bytes(low, length: length), utf8Bytes(high, length: length))
    sequences.append(.sequence(zip(first, last).map { .bytes(ByteSet($0...$1)) }))
}

private func utf8Bytes(_ scalar: UInt32, length: Int) -> [UInt8] {
    let leads: [UInt32] = [0x00, 0xC0, 0xE0, 0xF0]
    var bytes: [UInt8] = []
    for index in 0..<length {
        let shift = UInt32(6 * (length - 1 - index))
        let bits = index == 0 ? leads[length - 1] | scalar >> shift : 0x80 | scalar >> shift & 0x3F
        bytes.append(UInt8(truncatingIfNeeded: bits))
    }
    return bytes
}
