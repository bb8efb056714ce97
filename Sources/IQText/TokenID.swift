// The number of a token.

/// Index of a token in its vocabulary.
public typealias TokenID = Int32
