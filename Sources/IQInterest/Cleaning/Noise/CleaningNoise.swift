// Synthetic noise to train and to measure cleaners with: what logs of searches and page titles really hold beside interests.
//
// Written for this project: no line, address or person is real. Hosts are under the names reserved by RFC 2606, numbers of cards and
// accounts carry right check digits over random ones.

internal import IQTensor

/// Makes lines of noise, the same for the same seed.
///
/// Each kind has templates for training and others for measuring; no template, and for ``Kind/foreignSpam`` no language, serves both.
/// ``Kind/mojibake`` and ``Kind/truncated`` break lines that are given to them, so that topic and words give nothing away: give lines
/// of one side of a split to that side only.
public struct CleaningNoise: Sendable {
    /// What a line of noise is.
    public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        /// Fingers on the keyboard: runs along a row, random letters, one key held.
        case keyboardMash
        /// Identifiers, keys and checksums.
        case randomToken
        /// A line read in the wrong encoding, some of it replaced.
        case mojibake
        /// A piece of a line that begins and ends within a word, or lost its vowels or spaces.
        case truncated
        /// Pieces of HTML, CSS and scripts.
        case markup
        /// Addresses with tracking parameters, paths, names of files.
        case address
        /// Lines of server and program logs.
        case logLine
        /// What monitors and scrapers send again and again.
        case botTemplate
        /// Names of sites, log-in pages.
        case navigational
        /// E-mail addresses, phones, cards, accounts, street addresses.
        case personalData
        /// Cookie banners, error pages, consent and navigation texts.
        case boilerplate
        /// Advertising in other languages than English.
        case foreignSpam
        /// Advertising, chain letters and search-engine spam in English.
        case spam
    }

    /// The side of the split that a line is for.
    public enum Side: String, Sendable, Hashable, Codable { case training, test }

    /// A line of noise.
    public struct Line: Sendable, Hashable {
        public let text: String
        public let kind: Kind
        public let side: Side
    }

    public let seed: UInt64

    public init(seed: UInt64 = 0) { self.seed = seed }

    /// Some lines of a kind. More lines begin with the same ones.
    ///
    /// - Parameters:
    ///   - count: how many; at least 0.
    ///   - breaking: clean lines that ``Kind/mojibake`` and ``Kind/truncated`` break; without any, lines of the generator's own.
    public func lines(_ count: Int, of kind: Kind, for side: Side, breaking clean: [String] = []) -> [Line] {
        precondition(count >= 0, "\(count) lines")
        let place = Kind.allCases.firstIndex(of: kind) ?? 0
        let stream = Self.stream &+ UInt64(2 * place + (side == .test ? 1 : 0))
        var writer = NoiseWriter(
            random: RandomStream(seed: seed, stream: stream),
            side: side,
            clean: clean.isEmpty ? NoiseTemplates.ownLines[side] : clean
        )
        return (0..<count).map { _ in Line(text: writer.line(of: kind), kind: kind, side: side) }
    }

    /// Some lines of every kind, kind after kind.
    public func lines(ofEach count: Int, for side: Side, breaking clean: [String] = []) -> [Line] {
        Kind.allCases.flatMap { lines(count, of: $0, for: side, breaking: clean) }
    }

    /// Keeps these draws apart from others of the same seed.
    private static let stream: UInt64 = 0x6E6F_6973_6500
}

/// Something for each side.
struct NoiseSides<Value: Sendable>: Sendable {
    let training: Value
    let test: Value
    subscript(side: CleaningNoise.Side) -> Value { side == .training ? training : test }
}
