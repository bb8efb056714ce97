// Asynchronous work over a list, a few elements at a time.

extension Array where Element: Sendable {
    /// The results in the order of the elements, at most `limit` of them in the making at a time. The first error cancels the
    /// rest.
    package func concurrentMap<Value: Sendable>(
        limit: Int,
        _ transform: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        precondition(limit >= 1, "work on \(limit) elements at a time")
        guard count > 1, limit > 1 else {
            var values: [Value] = []
            for element in self { values.append(try await transform(element)) }
            return values
        }
        return try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var values = [Value?](repeating: nil, count: count)
            for (index, element) in enumerated() {
                if index >= limit, let (done, value) = try await group.next() { values[done] = value }
                group.addTask { (index, try await transform(element)) }
            }
            while let (done, value) = try await group.next() { values[done] = value }
            return values.compactMap { $0 }
        }
    }
}
