// The typed syntax tree of a template. Chains such as `a.b[0]|trim` and `a + b + c` are flat lists, so that the depth of
// the tree is the depth of the template's brackets and blocks, which the parser bounds.

/// One expression and the line it starts on.
final class TemplateExpression: Sendable {
    let line: Int
    let kind: Kind

    init(line: Int, _ kind: Kind) {
        self.line = line
        self.kind = kind
    }

    enum Kind: Sendable {
        case literal(TemplateValue)
        case name(String)
        case list([TemplateExpression])
        case tuple([TemplateExpression])
        case dictionary([(key: TemplateExpression, value: TemplateExpression)])
        /// A value and what is done to it, left to right.
        case chain(TemplateExpression, [TemplateStep])
        case not(TemplateExpression)
        case sign(TemplateExpression, isMinus: Bool)
        case or([TemplateExpression])
        case and([TemplateExpression])
        case concatenation([TemplateExpression])
        case arithmetic(TemplateExpression, [(operation: TemplateArithmetic, operand: TemplateExpression)])
        case comparison(TemplateExpression, [(operation: TemplateComparison, operand: TemplateExpression)])
        case conditional(test: TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
    }
}

/// What is done to the value on the left.
struct TemplateStep: Sendable {
    let line: Int
    let kind: Kind

    enum Kind: Sendable {
        case attribute(String)
        case item(TemplateExpression)
        case slice(lower: TemplateExpression?, upper: TemplateExpression?, step: TemplateExpression?)
        case call(TemplateArgumentList)
        case filter(TemplateFilter, TemplateArgumentList)
        case test(TemplateTest, TemplateArgumentList, isNegated: Bool)
    }
}

/// The arguments of a call, filter or test.
struct TemplateArgumentList: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

enum TemplateArithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
}

enum TemplateComparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
}

/// What a value is assigned to.
enum TemplateTarget: Sendable {
    case name(String)
    case attribute(object: String, name: String)
    case tuple([TemplateTarget])
}

/// One statement and its line.
struct TemplateStatement: Sendable {
    let line: Int
    let kind: Kind

    indirect enum Kind: Sendable {
        case text(String)
        case output(TemplateExpression)
        case conditional([(test: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
        case loop(TemplateLoop)
        case assignment(TemplateTarget, TemplateExpression)
        /// A body whose text goes through the filters into the target.
        case captured(TemplateTarget, filters: [TemplateStep], body: [TemplateStatement])
        case filtered([TemplateStep], body: [TemplateStatement])
        case macro(TemplateMacro)
        case scope([(target: TemplateTarget, value: TemplateExpression)], body: [TemplateStatement])
        /// What the assistant says, marked for training; it renders as its body.
        case generation([TemplateStatement])
        case breakLoop
        case continueLoop
    }
}

struct TemplateLoop: Sendable {
    var target: TemplateTarget
    var items: TemplateExpression
    var condition: TemplateExpression?
    var body: [TemplateStatement]
    var otherwise: [TemplateStatement]
}

final class TemplateMacro: Sendable {
    let name: String
    let parameters: [(name: String, value: TemplateExpression?)]
    let body: [TemplateStatement]

    init(name: String, parameters: [(name: String, value: TemplateExpression?)], body: [TemplateStatement]) {
        self.name = name
        self.parameters = parameters
        self.body = body
    }
}

/// The filters that are implemented.
enum TemplateFilter: String, Sendable, CaseIterable {
    case abs, attr, capitalize, count, d, `default`, dictsort, first, float, indent, int, items, join, last, length,
        list
    case lower, map, max, min, reject, rejectattr, replace, reverse, round, safe, select, selectattr, sort, string, sum
    case title, tojson, trim, unique, upper
}

/// The tests that are implemented.
enum TemplateTest: String, Sendable, CaseIterable {
    case boolean, callable, defined, divisibleby, even, `false`, float, integer, iterable, lower, mapping, none, number
    case odd, sameas, sequence, string, `true`, undefined, upper
    case `in`
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// The test of a name in a template; some have several.
    init?(name: String) {
        switch name {
        case "eq", "equalto": self = .equal
        case "ne": self = .notEqual
        case "lt", "lessthan": self = .less
        case "le": self = .lessOrEqual
        case "gt", "greaterthan": self = .greater
        case "ge": self = .greaterOrEqual
        default: self.init(rawValue: name)
        }
    }
}
