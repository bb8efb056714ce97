// What cleaning writes, as lines of JSON.

extension Person {
    /// One line without its end, in the format of ``PersonFile``.
    package var jsonLine: String {
        let signals = signals.map { signal in
            var members = [
                "\"kind\": \(JSONText.quoted(signal.kind.rawValue))",
                "\"time\": \(JSONText.quoted(SignalTime.text(of: signal.time)))",
                "\"text\": \(JSONText.quoted(signal.text))",
            ]
            if let url = signal.url { members.append("\"url\": \(JSONText.quoted(url.absoluteString))") }
            if let category = signal.category { members.append("\"category\": \(JSONText.quoted(category))") }
            return "{\(members.joined(separator: ", "))}"
        }
        let tag = language.map { ", \"language\": \(JSONText.quoted($0))" } ?? ""
        return "{\"id\": \(JSONText.quoted(id))\(tag), \"signals\": [\(signals.joined(separator: ", "))]}"
    }
}

extension CleaningReason {
    /// The members `rule` and `finding` of a JSON object.
    package var jsonMembers: String {
        "\"rule\": \(JSONText.quoted(rule)), \"finding\": \(JSONText.quoted(finding.description))"
    }
}

extension DroppedSignal {
    /// One line without its end.
    package func jsonLine(person: String) -> String {
        "{\"id\": \(JSONText.quoted(person)), \"index\": \(index), \"kind\": \(JSONText.quoted(kind.rawValue)), "
            + "\"time\": \(JSONText.quoted(SignalTime.text(of: time))), \"text\": \(JSONText.quoted(redactedText)), "
            + "\(reason.jsonMembers)}"
    }
}

extension CleaningSummary {
    /// An object on one line.
    package var json: String {
        let rules = rules.map { "\(JSONText.quoted($0.name)): \($0.count)" }.joined(separator: ", ")
        return
            "{\"people\": \(people), \"emptiedPeople\": \(emptiedPeople), \"kept\": \(kept), \"dropped\": \(dropped), "
            + "\"byRule\": {\(rules)}}"
    }
}
