#!/usr/bin/env python3
"""Records what Jinja2 makes of chat templates, as the test resources of IQTextTests.

Needs Jinja2 3.1.6 or newer (`pip install jinja2`). Two files are written:

- chat-template-cases.json: one construct of the language each, from the list below;
- chat-template-renderings.json: whole templates with conversations, from Tests/IQTextTests/Resources/Templates.

The environment is the one that transformers renders with: the immutable sandbox with trim_blocks and lstrip_blocks, loop
controls, a `generation` block, and its own tojson, raise_exception and strftime_now. The date is fixed.
"""

import datetime
import json
import pathlib

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

RESOURCES = pathlib.Path(__file__).resolve().parent.parent / "Tests/IQTextTests/Resources"
NOW = datetime.datetime(2024, 7, 26)


class GenerationBlock(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def environment():
    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    result = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[GenerationBlock, jinja2.ext.loopcontrols]
    )
    result.filters["tojson"] = tojson
    result.globals["raise_exception"] = raise_exception
    result.globals["strftime_now"] = lambda form: NOW.strftime(form)
    return result


def outcome(template, variables):
    """The rendered text, or the kind of the failure (and the message, if the template raised it)."""
    try:
        return {"output": environment().from_string(template).render(**variables)}
    except jinja2.exceptions.TemplateSyntaxError:
        return {"error": "syntax"}
    except jinja2.exceptions.UndefinedError:
        return {"error": "undefined"}
    except jinja2.exceptions.SecurityError:
        return {"error": "security"}
    except Exception as error:
        # What raise_exception throws, and none of its subclasses.
        if type(error) is jinja2.exceptions.TemplateError:
            return {"error": "raised", "message": str(error)}
        return {"error": "operation"}


M = [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": " Yo "}]
D = {"d": {"b": 1, "a": [1, 2.5, None, True], "items": "x"}}
V = {"messages": M, "x": 5, "f": 2.5, "s": "Hello World", "l": [3, 1, 2], "e": [], "n": None, "t": True, **D}

CASES = [
    # Text and white space
    "", "plain", "a\n", "a\n\n", "a\r\nb\rc", "{{ x }}\n", "{{ x }}\n\n", "{% if t %}\nA\n{% endif %}\nB",
    "  {% if t %}  A  {% endif %}  B", "x  {% if t %}A{% endif %}", "x\n  {%+ if t %}A{% endif %}",
    "x\n  {%- if t -%}\n  A\n  {%- endif -%}\n  B", "{% if t +%}\nA{% endif %}", "a {{- x -}} b", "a {#- c -#} b",
    "a\n  {# c #}\nb", "a\n  {# c +#}\nb", "{# {{ x }} {% if %} #}z", "{% raw %}{{ x }}{% endraw %}",
    "a\n  {% raw %}\n {{ x }}\n  {% endraw %}\nb", "a {%- raw -%}  {{ x }}  {%- endraw -%} b", "{{ '}}' }}", "{{ '%}' }}{{ {'a': {'b': 1}}['a'] }}",
    "{{ x }}{{ x }}\n  {{ x }}", "\n\n{% set a = 1 %}\n\n{{ a }}", "{{ '\n' }}|{{ \"a\\tb\" }}", "a\n\t {% if t %}b{% endif %}",
    "{%- for m in l %}\n    {{- m }}\n{%- endfor %}\n", "{% for m in l -%}\n {{ m }}\n{% endfor %}", "é{{ '\\u00e9' }}ß{{ '\\x41' }}{{ '\\101' }}",
    "{{ 'a\\qb' }}{{ 'a\\\nb' }}", "{{ 'a' 'b' \"c\" }}", "{% if t %}\n\n\nA{% endif %}\n\n", "a{{+ 1 }}", "{{ -1 }}{{ - 1 }}", "{# a\nb #}\n{{ y.z }}",
    # Literals and printing
    "{{ none }}{{ None }}{{ true }}{{ False }}", "{{ 1.0 }} {{ 1e16 }} {{ 1e-5 }} {{ 0.1 + 0.2 }} {{ 123456789012345680.0 }} {{ 1e15 }} {{ 0.0001 }} {{ 100.0 }}",
    "{{ 9007199254740993.0 }} {{ 1.5e300 }} {{ 5e-324 }} {{ -0.0 }}", "{{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }}", "{{ [1, 'a', none, [true]] }}", "{{ (1,) }}{{ (1, 2) }}{{ () }}{{ 1, 2 }}",
    "{{ {'a': 1, 2: 'b', none: 1.5} }}", "{{ [\"it's\", 'say \"x\"', 'a\\nb\\\\'] }}", "{{ ['\\x00\\u200b\\xa0é'] }}", "{{ d }}", "{{ l }}", "{{ [y] }}", "{{ {'a': 1, 'a': 2} }}", "{{ {1: 'a', true: 'b', 1.0: 'c'} }}",
    # Names, attributes, items
    "{{ y }}", "{{ y.z }}", "{{ y['z'] }}", "{{ y() }}", "{{ d.zz }}", "{{ d.zz.y }}", "{{ d.b }}{{ d['b'] }}{{ d['items'] }}", "{{ d.items is string }}{{ d['items'] is string }}",
    "{{ n.a }}|{{ x.a }}|{{ s.foo }}", "{{ messages[0].role }}{{ messages[-1]['content'] }}", "{{ messages[9] }}|{{ messages[9] is defined }}", "{{ messages[9].role }}", "{{ s[0] }}{{ s[-1] }}{{ s[99] }}", "{{ l.0 }}{{ messages.1.role }}",
    "{{ l['a'] }}{{ d[5] }}", "{{ s['upper']() }}", "{{ d.pop('b') }}", "{{ l.append(1) }}", "{{ d.__class__ }}|", "{{ d.get('b') }}{{ d.get('q') }}{{ d.get('q', 7) }}", "{{ d.keys()|list }}{{ d.values()|list }}{{ d.items()|list }}",
    "{{ d.keys() }}", "{{ s.nope() }}", "{{ x() }}", "{{ d['a'][1] }}{{ d.a[3] }}", "{{ y[1:] }}", "{{ n[0] }}|",
    # Slices
    "{{ l[1:] }}{{ l[:1] }}{{ l[:-1] }}{{ l[::-1] }}{{ l[::2] }}{{ l[5:] }}{{ l[-2:] }}{{ l[:] }}", "{{ s[1:4] }}|{{ s[::-1] }}|{{ s[-3:] }}|{{ s[8:2:-2] }}", "{{ l[none:2] }}", "{{ l[::0] }}", "{{ (1,2,3)[1:] }}", "{% for m in messages[::-1] %}{{ m.role }};{% endfor %}", "{{ l[2:0:-1] }}{{ l[-100:100] }}{{ l[100:-100:-1] }}",
    # Arithmetic and operators
    "{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7 / 2 }} {{ 4 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }}", "{{ 1 + 2 * 3 - 4 }} {{ (1 + 2) * 3 }} {{ 10 - 2 - 3 }}", "{{ 7.5 // 2 }} {{ -7.5 % 2 }}", "{{ 1 / 0 }}", "{{ 1 + 'a' }}", "{{ 'a' + 'b' }}{{ 'ab' * 2 }}{{ 2 * 'ab' }}{{ 'ab' * -1 }}", "{{ [1] + [2] }}{{ [1] * 2 }}{{ (1,) + (2,) }}", "{{ [1] + (2,) }}",
    "{{ 'a' ~ 1 ~ none ~ true ~ 1.5 ~ y }}", "{{ 1 ~ 2 + 3 }}", "{{ y + 1 }}", "{{ 'a' + y }}", "{{ -y }}", "{{ n + 'a' }}", "{{ true + true }}{{ -true }}", "{{ 2 ** 3 ** 2 }}{{ -2 ** 2 }}", "{{ not t }}{{ not not t }}{{ not e }}", "{{ e or 'z' }}{{ t and 'y' }}{{ n and 1 }}{{ 0 or '' or n }}", "{{ 'a' and 'b' or 'c' }}", "{{ y or 'd' }}", "{{ (y and y.z) is defined }}",
    # Comparison
    "{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ 1 == 1.0 }}{{ true == 1 }}{{ 'a' == \"a\" }}{{ [1] == [1] }}{{ [1] == (1,) }}{{ none == none }}", "{{ 'a' < 'b' }}{{ [1, 2] < [1, 3] }}{{ 'Z' < 'a' }}", "{{ 1 < 'a' }}", "{{ y < 1 }}", "{{ y == 1 }}{{ y == z }}{{ y != n }}", "{{ 'l' in s }}{{ 'q' not in s }}{{ 3 in l }}{{ 'b' in d }}{{ 1 in (1, 2) }}", "{{ 1 in s }}", "{{ 1 in y }}{{ y in l }}", "{{ y in s }}", "{{ 1 in n }}", "{{ '' in s }}{{ d == d }}{{ {'a': 1} == {'a': 1.0} }}", "{{ 'e\\u0301' == '\\u00e9' }}", "{{ 1 not in [1] or 2 in [2] }}",
    # Conditionals
    "{{ 'a' if t else 'b' }}{{ 'a' if e else 'b' }}{{ 'a' if e }}|", "{{ 'a' if e else 'b' if n else 'c' }}", "{{ ('a' if e).z }}", "{% if e %}1{% elif x == 5 %}2{% elif t %}3{% else %}4{% endif %}", "{% if y %}1{% else %}2{% endif %}", "{% if x > 3 and not n %}A{% endif %}", "{% if x is defined and x is not none %}A{% endif %}", "{% if messages[0]['role'] == 'system' %}{% set sys = messages[0]['content'] %}{% endif %}{{ sys }}", "{% if t: %}A{% endif %}",
    # Tests
    "{{ y is defined }}{{ x is defined }}{{ d.q is undefined }}", "{{ n is none }}{{ n is not none }}{{ s is string }}{{ x is string }}", "{{ d is mapping }}{{ l is mapping }}{{ l is iterable }}{{ s is iterable }}{{ x is iterable }}{{ d is iterable }}{{ y is iterable }}", "{{ l is sequence }}{{ d is sequence }}{{ s is sequence }}{{ x is sequence }}{{ y is sequence }}", "{{ x is number }}{{ f is number }}{{ t is number }}{{ t is boolean }}{{ x is integer }}{{ t is integer }}{{ f is float }}", "{{ t is true }}{{ t is false }}{{ 1 is true }}{{ x is odd }}{{ x is even }}{{ 6 is divisibleby 3 }}{{ 6 is divisibleby(4) }}", "{{ x is equalto 5 }}{{ x is eq(5) }}{{ x is ne 5 }}{{ x is gt 3 }}{{ x is lessthan 3 }}{{ x is in [5] }}{{ x is sameas 5 }}", "{{ 'abc' is lower }}{{ 'ABC' is upper }}{{ s is lower }}", "{{ range is callable }}{{ s is callable }}", "{{ x is foo }}", "{{ x is defined is true }}", "{{ x is not number }}{{ not x is number }}{{ s is string and x is number }}", "{{ y.z is defined }}", "{{ d.zz is defined and d.zz.q }}", "{{ x is none or x is defined }}", "{{ 'a' is in 'abc' }}{{ (x is odd) and true }}",
    # Loops
    "{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }}{{ i }};{% endfor %}", "{% for i in e %}a{% else %}none{% endfor %}", "{% for i in l if i > 1 %}{{ i }}/{{ loop.length }}{{ loop.last }};{% else %}z{% endfor %}", "{% for i in l if i > 9 %}{{ i }}{% else %}z{% endfor %}", "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}", "{% for c in 'añ' %}[{{ c }}]{% endfor %}", "{% for a in y %}x{% else %}u{% endfor %}", "{% for a in n %}x{% endfor %}", "{% for a in 5 %}x{% endfor %}", "{% for a, b in [[1, 2], (3, 4)] %}{{ a }}{{ b }}{% endfor %}", "{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}", "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for i in l %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }};{% endfor %}", "{% for i in l %}{% if loop.previtem is defined %}{{ loop.previtem }}{% endif %}{% endfor %}", "{% for i in l %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% endfor %}", "{% for i in l %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% else %}E{% endfor %}", "{% for i in [1, 2] %}{% for j in [1, 2] %}{{ loop.index }}{{ i }}{{ j }}{{ loop.depth }} {% endfor %}{{ loop.index }};{% endfor %}", "{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}", "{% for i in range(200000) %}{% endfor %}", "{{ range(3)|list }}{{ range(2, 5)|list }}{{ range(0)|list }}", "{{ range(1, 2, 0) }}", "{% for i in l %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{% endfor %}", "{% break %}", "{{ loop }}|", "{% for i in l %}{% endfor %}{{ i }}", "{% for i in messages|map(attribute='role') %}{{ i }}{{ loop.last }}{% endfor %}", "{% for i in 1, 2 %}{{ i }}{% endfor %}", "{% for i in (l if t else e) %}{{ i }}{% endfor %}", "{% for i in l if t else e %}{{ i }}{% endfor %}",
    # Assignment and scopes
    "{% set a = 1 %}{{ a }}{% set a = a + 1 %}{{ a }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a = 1, 2 %}{{ a }}", "{% set a = 0 %}{% for i in l %}{% set a = a + i %}{{ a }}{% endfor %}{{ a }}", "{% set ns = namespace(a=0) %}{% for i in l %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}", "{% set ns = namespace() %}{% set ns.q = 'v' %}{{ ns.q }}{{ ns.z }}|", "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns['b'] }}", "{% set d.b = 2 %}", "{% set q.b = 2 %}", "{% set a %}x{{ x }}\n y{% endset %}[{{ a }}]", "{% set a | upper | trim %} ab {% endset %}[{{ a }}]", "{% for i in [1, 2] %}{% if i == 1 %}{% set z = 5 %}{% endif %}{{ z }};{% endfor %}", "{% if t %}{% set z = 5 %}{% endif %}{{ z }}", "{% with a = 1, b = x %}{{ a }}{{ b }}{% set c = 9 %}{% endwith %}{{ a }}{{ c }}|", "{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% set x = x + 1 %}{{ x }}", "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter replace('a', 'b') | upper %}aa{% endfilter %}", "{% generation %}a{% set g = 1 %}{{ x }}{% endgeneration %}{{ g }}|", "{% for m in messages %}{% generation %}{{ m.role }}{% endgeneration %}\n{% endfor %}", "{% set ns = namespace(a=none) %}{% if ns.a is none %}{% set ns.a = [] %}{% endif %}{% set ns.a = ns.a + [1] %}{{ ns.a }}", "{% set true = 1 %}", "{% for i in l %}{% set a %}{{ i }}{% if i == 1 %}{% break %}{% endif %}{% endset %}{{ a }}{% endfor %}",
    # Macros
    "{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }}|{{ m(1, 3) }}|{{ m(b=5, a=4) }}|{{ m() }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(q=2) }}", "{% macro m() %}{{ z }}{% endmacro %}{% set z = 1 %}{{ m() }}", "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(4) }}", "{% macro m(a) -%}\n  {{ a }}\n{%- endmacro %}[{{ m('x') }}]{{ m('y') | upper }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m('x') + 'z' }}{{ m(1) is string }}{{ m.name }}", "{% macro m(a, b) %}{{ a }}{{ b is defined }}{% endmacro %}{{ m(1) }}", "{% macro m(a=1, b) %}{% endmacro %}", "{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(7) }}", "{% for i in l %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "{% macro m() %}{% for i in [1, 2] %}{{ i }}{% endfor %}{% set q = 1 %}{% endmacro %}{{ m() }}{{ q }}|",
    # Filters
    "[{{ ' a b '|trim }}][{{ 'xxaxx'|trim('x') }}]", "{{ s|length }}{{ l|count }}{{ d|length }}{{ y|length }}{{ 'é😀'|length }}", "{{ x|length }}", "{{ l|join }}{{ l|join(', ') }}{{ messages|join('+', attribute='role') }}{{ [1, none, true]|join('-') }}", "{{ s|upper }}{{ s|lower }}{{ 'hello wORLD foo-bar (baz'|title }}{{ 'hELLO w'|capitalize }}{{ 'ß'|upper }}", "{{ s|replace('o', '0') }}{{ s|replace('o', '0', 1) }}{{ 'abc'|replace('', '-') }}{{ 111|replace(1, 2) }}", "{{ y|default('D') }}{{ n|default('D') }}{{ n|default('D', true) }}{{ ''|d('E', boolean=True) }}{{ y|default }}|", "{{ d.q|default('z') }}{{ y.z|default('z') }}", "{{ l|first }}{{ l|last }}{{ s|first }}{{ s|last }}{{ e|first }}|", "{{ s|list }}{{ d|list }}", "{{ d|items|list }}{% for k, v in d|items %}{{ k }}{% endfor %}{{ y|items|list }}", "{{ l|items|list }}",
    "{{ d|tojson }}", "{{ d|tojson(indent=2) }}", "{{ d|tojson(indent=4) }}{{ []|tojson(indent=2) }}{{ {}|tojson(indent=2) }}", "{{ {'z': 'é\"\\n\\u2028/<>&', 'a': 1.0}|tojson }}{{ 'é😀'|tojson(ensure_ascii=true) }}", "{{ {'z': 1, 'a': 2}|tojson(sort_keys=true) }}{{ [1, 2]|tojson(separators=(',', ':')) }}", "{{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }}{{ (1, 2)|tojson }}", "{{ y|tojson }}", "{{ '\\x01\\x7f\\t'|tojson }}{{ 1e20|tojson }}{{ 10000000|tojson }}", "{{ [[1, [2]], {'a': [3]}]|tojson(indent=1) }}", "{{ x|string + 'a' }}{{ none|string }}{{ 1.0|string }}", "{{ '42'|int + 1 }}{{ '4.7'|int }}{{ 'x'|int }}{{ 'x'|int(7) }}{{ 3.9|int }}{{ ' 5 '|int }}{{ 'ff'|int(base=16) }}{{ true|int }}{{ none|int }}", "{{ '1.5'|float }}{{ 'x'|float }}{{ 2|float }}{{ 'x'|float(1.5) }}", "{{ '<b>'|safe }}", "{{ -5|abs }}{{ (-5)|abs }}{{ -2.5|abs }}", "{{ 2.5|round }}{{ 3.5|round }}{{ 2.567|round(2) }}{{ 2.1|round(method='ceil') }}{{ 2.9|round(0, 'floor') }}{{ 5|round }}",
    "{{ messages|selectattr('role', 'equalto', 'user')|list }}", "{{ messages|rejectattr('role', '==', 'user')|map(attribute='content')|join(',') }}", "{{ messages|selectattr('q', 'defined')|list|length }}{{ messages|selectattr('role')|list|length }}", "{{ [1, 0, none, 'a']|select|list }}{{ [1, 0, none]|reject|list }}{{ l|select('>', 1)|list }}{{ l|reject('odd')|list }}", "{{ ['a', 'b']|map('upper')|join }}{{ l|map('string')|list }}{{ messages|map(attribute='q', default='-')|join }}", "{{ [' a ', 'b']|map('trim')|map('replace', 'a', 'c')|list }}", "{{ messages|selectattr('role', 'in', ['user', 'system'])|map(attribute='role')|list }}", "{{ messages|selectattr('role', 'equalto', 'nobody')|first is defined }}{{ (messages|selectattr('role', 'equalto', 'nobody')|list)|length }}", "{% if messages|selectattr('role', 'equalto', 'nobody') %}true{% endif %}", "{{ messages|map(attribute='role')|length }}", "{{ [1, 2, 1, 'A', 'a']|unique|list }}{{ ['b', 'a', 'B']|unique(true)|list }}", "{{ d|dictsort }}{{ {'b': 1, 'A': 2}|dictsort }}{{ {'b': 1, 'A': 2}|dictsort(true) }}{{ {'b': 1, 'a': 2}|dictsort(by='value', reverse=true) }}", "{{ 'a\\n\\nb'|indent }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\n\\nb'|indent(1, blank=true) }}|{{ 'a\\nb\\n'|indent('>') }}", "{{ l|sort }}{{ l|sort(reverse=true) }}{{ ['b', 'A', 'c']|sort }}{{ ['b', 'A']|sort(case_sensitive=true) }}{{ messages|sort(attribute='role')|map(attribute='role')|list }}", "{{ [1, 'a']|sort }}", "{{ l|reverse|list }}{{ s|reverse }}", "{{ l|max }}{{ l|min }}{{ ['b', 'A']|max }}{{ e|max }}|", "{{ l|sum }}{{ e|sum }}{{ [{'a': 1}, {'a': 2}]|sum(attribute='a') }}", "{{ x|nope }}", "{{ s|upper|lower|title|replace('W', 'V') }}", "{{ 'a' ~ 'b'|upper }}{{ ('a' ~ 'b')|upper }}", "{{ -1|string }}", "{{ [{'a': {'b': 1}}]|map(attribute='a.b')|list }}{{ [[1, 2]]|map(attribute=1)|list }}", "{{ messages|last }}", "{{ s|replace(y, 'a') }}", "{{ s|attr('upper') is defined }}", "{{ y|trim }}|{{ n|trim }}", "{{ y|join(',') }}|{{ n|join }}",
    # Methods of strings
    "{{ '  a '.strip() }}|{{ 'xax'.strip('x') }}|{{ ' a '.lstrip() }}|{{ ' a '.rstrip() }}|{{ '\\n a\\n'.rstrip('\\n') }}", "{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a b c'.split(' ', 1) }}{{ 'a b c'.rsplit(' ', 1) }}{{ 'a b  c '.split(none, 1) }}{{ ''.split() }}{{ ''.split(',') }}", "{{ 'a</think>b'.split('</think>')[-1].lstrip('\\n') }}{{ 'abc'.split('') }}", "{{ s.startswith('He') }}{{ s.endswith('ld') }}{{ s.startswith(('x', 'H')) }}{{ s.startswith('') }}", "{{ s.upper() }}{{ s.lower() }}{{ \"it's a b\".title() }}{{ 'abC d'.capitalize() }}", "{{ s.replace('l', 'L') }}{{ s.replace('l', 'L', 1) }}{{ 'ab'.replace('', '.') }}", "{{ ', '.join(['a', 'b']) }}{{ ''.join(e) }}", "{{ ','.join(l) }}", "{{ s.find('o') }}{{ s.find('z') }}{{ s.rfind('o') }}{{ s.count('l') }}", "{{ '12'.isdigit() }}{{ 'ab'.isalpha() }}{{ 'a1'.isalnum() }}{{ ' '.isspace() }}{{ ''.isdigit() }}{{ 'A'.isupper() }}{{ 'a'.islower() }}", "{{ 'abc'.removeprefix('a') }}{{ 'abc'.removesuffix('c') }}{{ 'a-b-c'.partition('-') }}{{ 'a-b-c'.rpartition('-') }}{{ 'abc'.partition('-') }}", "{{ 'a\\nb\\r\\nc\\n'.splitlines() }}", "{{ s.startswith(1) }}", "{{ s.strip(1) }}", "{{ '7'.zfill(3) }}{{ '-7'.zfill(4) }}", "{{ l.index(2) }}{{ l.count(3) }}", "{{ l.index(9) }}", "{{ 'a\\u00a0\\u3000'.strip() }}|{{ '\\x1ca'.strip() }}",
    # Functions
    "{{ raise_exception('no: ' + s) }}", "{% if messages[0].role != 'user' %}{{ raise_exception('Conversation must start with user!') }}{% endif %}", "{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%Y-%m-%d') }}|{{ strftime_now('%A, %B %d, %y %H:%M:%S %I %p %j %a %%') }}", "{{ dict(a=1, b='x') }}{{ dict({'a': 1}, b=2) }}{{ dict([['k', 'v']]) }}", "{{ namespace(a=1).a }}", "{{ range(3)[1] }}{{ range(5)|length }}", "{{ raise_exception(y) }}",
    # What is not well-formed
    "{{ x", "{% if t %}", "{% if %}a{% endif %}", "{% endif %}", "{{ }}", "{{ x y }}", "{% for in l %}{% endfor %}", "{% for x l %}{% endfor %}", "{{ 'abc }}", "{# abc", "{% raw %} abc", "{{ (1, 2 }}", "{{ [1, 2) }}", "{{ ) }}", "{{ {1, 2} }}", "{{ a. }}", "{{ a['b' }}", "{{ 1 + }}", "{% foo %}", "{% set 1 = 2 %}", "{% set a.b.c = 1 %}", "{% macro m( %}{% endmacro %}", "{{ f(a=1, 2) }}", "{% else %}", "{% if t %}{% for i in l %}{% endif %}{% endfor %}", "{{ x | }}", "{{ x is }}", "{{ @ }}", "{{ a ! b }}", "{{ x }", "{% if t %}a{% else %}b{% else %}c{% endif %}", "{{ '\\u12' }}", "{{ a[1:2:3:4] }}", "{% if a if b else c %}{% endif %}", "{{ a = 1 }}", "{% endfor %}",
]

CONVERSATIONS = {
    "one": [{"role": "user", "content": "What is new in rail?"}],
    "system": [{"role": "system", "content": " You are terse. "}, {"role": "user", "content": "Hi "}],
    "turns": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello! 😀"},
        {"role": "user", "content": "  Add 17 and 25.\n"},
    ],
    "system turns": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "<think>\nGreeting.\n</think>\n\nHello"},
        {"role": "user", "content": "Bye"},
    ],
    "assistant first": [{"role": "assistant", "content": "Hello"}, {"role": "user", "content": "Hi"}],
    "unknown role": [{"role": "narrator", "content": "Once"}],
    "empty": [],
}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "search_news",
            "description": "Finds news for a query, \"quoted\" or not.",
            "parameters": {
                "type": "object",
                "properties": {"query": {"type": "string"}, "limit": {"type": "integer", "default": 5}},
                "required": ["query"],
            },
        },
    }
]
TOOL_CALLS = [
    {"role": "system", "content": "Use tools."},
    {"role": "user", "content": "Rail news?"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"type": "function", "function": {"name": "search_news", "arguments": {"query": "Züge", "limit": 2}}}
        ],
    },
    {"role": "tool", "name": "search_news", "content": "[1, 2]"},
    {"role": "tool", "name": "search_news", "content": "[3]"},
    {"role": "assistant", "content": "Three."},
]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}


def renderings():
    result = []
    for path in sorted((RESOURCES / "Templates").glob("*.jinja")):
        source = path.read_text()
        for name, messages in CONVERSATIONS.items():
            for prompt in (False, True):
                variables = {"messages": messages, "add_generation_prompt": prompt, "tools": None, **TOKENS}
                result.append((path.name, name, variables))
        variables = {"messages": TOOL_CALLS, "tools": TOOLS, "add_generation_prompt": True, **TOKENS}
        result.append((path.name, "tools", variables))
        for thinking in (False, True):
            variables = {
                "messages": CONVERSATIONS["system turns"], "add_generation_prompt": True,
                "enable_thinking": thinking, "date_string": "1 May 2025", **TOKENS,
            }
            result.append((path.name, f"thinking {thinking}", variables))
    return [
        {"template": file, "name": name, "variables": variables}
        | outcome((RESOURCES / "Templates" / file).read_text(), variables)
        for file, name, variables in result
    ]


def write(name, value):
    (RESOURCES / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
    print(name, len(value.get("cases", [])))


if __name__ == "__main__":
    cases = [{"template": template} | outcome(template, V) for template in CASES]
    write("chat-template-cases.json", {"jinja2": jinja2.__version__, "variables": V, "cases": cases})
    write("chat-template-renderings.json", {"jinja2": jinja2.__version__, "cases": renderings()})
