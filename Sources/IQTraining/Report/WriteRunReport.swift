// From the folders of runs to the file of a report.

internal import IQText

extension RunReport {
    /// Reads the logs of runs.
    ///
    /// - Parameter paths: folders of runs; each holds `metrics.jsonl`, and `run.json` if the run wrote one.
    /// - Throws: ``RunLogError``.
    package init(folders paths: [String]) throws(RunLogError) {
        let names = Self.names(paths)
        runs = []
        for (path, name) in zip(paths, names) {
            runs.append(
                ReportedRun(
                    name: name,
                    records: try MetricsFile.read(joinedPath(path, MetricsFile.name)),
                    settings: try Self.settings(joinedPath(path, RunManifestFile.name))
                )
            )
        }
    }

    /// Writes the page; a reader of the path never sees half of it.
    package func write(to path: String) throws(RunLogError) {
        try writeAtomically(Array(html.utf8), to: path)
    }

    /// The last part of each path, or the whole path where that part occurs twice.
    static func names(_ paths: [String]) -> [String] {
        let last = paths.map { path in
            path.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? path
        }
        return zip(paths, last).map { path, name in last.count { $0 == name } > 1 ? path : name }
    }

    private static func settings(_ path: String) throws(RunLogError) -> [(name: String, value: String)] {
        let bytes: [UInt8]
        do {
            guard try fileByteCount(path) != nil else { return [] }
            bytes = try FileReader.contents(path)
        } catch {
            throw RunLogError(reading: error)
        }
        do {
            return flattenedSettings(try JSONDocument(bytes).root)
        } catch {
            throw .malformed(path: path, reason: error.description)
        }
    }
}

/// The leaves of a JSON value with their places: `adamW.beta1`, `data.1.path`. Lists of plain values are one leaf.
func flattenedSettings(_ value: JSONValue, _ name: String = "") -> [(name: String, value: String)] {
    func longer(_ part: String) -> String { name.isEmpty ? part : name + "." + part }
    if let members = value.members {
        return members.flatMap { flattenedSettings($0.value, longer($0.key.string ?? "")) }
    }
    if let elements = value.elements.map(Array.init) {
        if elements.allSatisfy({ !$0.isObject && !$0.isArray }) {
            return elements.isEmpty ? [] : [(name, elements.map(leafText).joined(separator: " "))]
        }
        return elements.enumerated().flatMap { flattenedSettings($1, longer("\($0 + 1)")) }
    }
    return [(name, leafText(value))]
}

private func leafText(_ value: JSONValue) -> String {
    if let text = value.string { return text }
    if let integer = value.integer { return "\(integer)" }
    if let number = value.double { return "\(number)" }
    if let bool = value.bool { return bool ? "yes" : "no" }
    return "none"
}
