# What git-filter-repo's rules mean, in terms of Python's own re and fnmatch.
import fnmatch, io, os, re, sys, tempfile

if not (3, 11) <= sys.version_info < (3, 14):
    print("unsuitable", sys.version)
    sys.exit(0)

program = None
if os.environ.get("UNLEAK_TEST_FILTER_REPO"):
    sys.path.insert(0, os.environ["UNLEAK_TEST_FILTER_REPO"])
    import git_filter_repo as program


def with_file(content, read):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return read(file.name)


def expressions(content):
    if program:
        rules = with_file(content, program.FilteringOptions.get_replace_text)
        return rules["literals"], rules["regexes"]
    literals, patterns = [], []
    for line in io.BytesIO(content):
        find, arrow, put = line.rstrip(b"\r\n").rpartition(b"==>")
        if not arrow:
            find, put = put, b"***REMOVED***"
        pattern = None
        if find.startswith(b"regex:"):
            pattern = find[6:]
        elif find.startswith(b"glob:"):
            pattern = fnmatch.translate(find[5:].decode()).encode()[len("(?s:"):-len(r")\Z")]
        if pattern:
            patterns.append((re.compile(pattern), put))
        else:
            find = find.removeprefix(b"literal:")
            if find:
                literals.append((find, put))
    return literals, patterns


def replace(content, text):
    literals, patterns = expressions(content)
    if b"\0" in text[:8192]:
        for pattern, put in patterns:
            pattern.sub(put, b"")
        return text
    for find, put in literals:
        text = text.replace(find, put)
    for pattern, put in patterns:
        text = pattern.sub(put, text)
    return text


def path(kind, rule, name):
    if kind == b"regex":
        found = re.compile(rule).search(name)
    elif kind == b"glob":
        more = [] if rule.endswith(b"*") else [rule + (b"*" if rule.endswith(b"/") else b"/*")]
        found = any(fnmatch.fnmatch(name, glob) for glob in [rule] + more)
    else:
        found = not rule or name == rule or name.startswith(rule.rstrip(b"/") + b"/" if rule[-1:] != b"/" else rule)
    return b"1" if found else b"0"


def mailmap(content, name, email):
    if program:
        return b"\n".join(with_file(content, lambda file: program.MailmapInfo(os.fsencode(file)).translate(name, email)))
    person = re.compile(rb"(.*?)\s*<([^>]*)>\s*")
    entries = {}
    for line in io.BytesIO(content):
        line = re.sub(rb"\s*#.*", b"", line).strip()
        if not line:
            continue
        new = person.match(line)
        rest = line[new.end():]
        old = person.match(rest)
        if not rest:
            key = None, new[2]
        elif old:
            if old.end() != len(rest):
                raise ValueError
            key = old[1], old[2]
        else:
            key = rest, None
        entries[key] = new[1], new[2]
    for (old_name, old_email), (new_name, new_email) in entries.items():
        if old_email is None or old_email.lower() == email.lower():
            if not old_name or old_name == name:
                return (new_name or name) + b"\n" + (new_email or email)
    return name + b"\n" + email


for line in sys.stdin:
    kind, *arguments = line.split()
    arguments = [bytes.fromhex(word.strip("-")) for word in arguments]
    try:
        answer = {"replace": replace, "path": path, "mailmap": mailmap}[kind](*arguments)
        print(answer.hex() or "-")
    except (Exception, SystemExit) as error:
        print("!" + repr(error).replace("\n", " "))
