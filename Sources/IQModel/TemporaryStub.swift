internal import IQText
extension TokenGrammar { var vocabularySize: Int { 0 } }
