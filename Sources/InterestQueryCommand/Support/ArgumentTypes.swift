// Values of the library that can be given as arguments, by their raw values.

public import ArgumentParser
public import InterestQueryKit

extension InstructionLevel: ExpressibleByArgument {}
extension QuantizedProduct: ExpressibleByArgument {}
extension CacheFormat: ExpressibleByArgument {}
extension MatrixPrecision: ExpressibleByArgument {}
extension NumberFormat: ExpressibleByArgument {}
extension QueryListFormat: ExpressibleByArgument {}
extension PromptStyle: ExpressibleByArgument {}
extension EvaluationTask: ExpressibleByArgument {}
extension EvaluationRules.ReadArticles: ExpressibleByArgument {}
extension EvaluationRules.EqualScores: ExpressibleByArgument {}

/// ``RankFusion`` by name.
enum FusionArgument: String, ExpressibleByArgument, CaseIterable, Codable {
    case rrf, combsum
    case roundRobin = "round-robin"
    case bestRank = "best-rank"

    var fusion: RankFusion {
        switch self {
        case .rrf: .reciprocalRank
        case .combsum: .combSUM
        case .roundRobin: .roundRobin
        case .bestRank: .bestRank
        }
    }
}
