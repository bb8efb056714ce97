// A dictionary of bounded size that forgets what was not asked for lately.

/// Keeps at most `capacity` values. Two generations of half the capacity each: what is used moves into the younger one, and
/// when that is full, the older one is forgotten. So a value survives at least capacity / 2 uses of others, and each
/// operation takes constant time.
package struct BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let generationSize: Int
    private var younger: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    /// - Parameter capacity: at least 2.
    package init(capacity: Int) {
        precondition(capacity >= 2, "a cache of \(capacity) values")
        generationSize = capacity / 2
    }

    package var count: Int { younger.count + older.count }

    package mutating func value(for key: Key) -> Value? {
        if let value = younger[key] { return value }
        guard let value = older.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    package mutating func insert(_ value: Value, for key: Key) {
        older[key] = nil
        if younger[key] == nil, younger.count >= generationSize {
            older = younger
            younger = [:]
        }
        younger[key] = value
    }
}
