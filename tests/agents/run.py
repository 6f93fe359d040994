"""Runs the agents themselves against the hooks that `unleak init` writes, with a scripted model on the loopback interface.

    npm install --prefix DIR @openai/codex @google/gemini-cli @github/copilot @anthropic-ai/claude-code
    python3 tests/agents/run.py --agents DIR --unleak target/release/unleak [--only codex]

Nothing leaves the machine: each agent is told that its model is at 127.0.0.1. What is looked at is what the model is sent:
a secret must not be in it, a refused command must come back as refused, and must not have run. Not part of `.ci/run`, since
the agents are no dependency of ours; docs/agents.md says which versions were run, and when.
"""

import argparse
import http.server
import json
import os
import pathlib
import shutil
import string
import subprocess
import sys
import tempfile
import threading
import zlib



def token(body):
    """A token of GitHub's form with its checksum, never issued to anybody."""
    letters, rest, digits = string.digits + string.ascii_uppercase + string.ascii_lowercase, zlib.crc32(body.encode()), ""
    while rest:
        rest, digit = divmod(rest, 62)
        digits = letters[digit] + digits
    return "gh" + "p_" + body + digits.rjust(6, "0")


SECRET = token("Zq3vT8kLw2XnR5bYd7HsJ9mPc4FgA1")
LIMIT = 120  # seconds an agent may take


class Model(http.server.ThreadingHTTPServer):
    """Answers the first request that offers tools with a call of `command`, and everything else with a word."""

    def __init__(self, command):
        super().__init__(("127.0.0.1", 0), Handler)
        self.command, self.sent, self.called = command, [], False

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.reply("application/json", b'{"data": [{"id": "scripted", "object": "model"}], "models": []}')

    def do_POST(self):
        size = self.headers.get("content-length")
        body = self.rfile.read(int(size)) if size else self.chunks()
        text = body.decode("utf-8", "replace")
        self.server.sent.append(text)
        try:
            asked = json.loads(text)
        except ValueError:
            asked = {}
        call = None
        if asked.get("tools") and not self.server.called and self.server.command:
            call = self.call(asked["tools"])
            self.server.called = call is not None
        self.answer(asked, call)

    def chunks(self):
        body = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def call(self, tools):
        """The shell among the tools, whatever it is called, with the command as it wants it."""
        said = json.dumps(tools)
        for name, field in [("exec_command", "cmd"), ("shell_command", "command"), ("run_shell_command", "command"),
                            ("bash", "command"), ("Bash", "command")]:
            if f'"{name}"' in said:
                return name, {field: self.server.command, "description": "as asked"} if field == "command" else {field: self.server.command}
        return None

    def reply(self, kind, body):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self, events, named=True):
        out = ""
        for event in events:
            out += f"event: {event['type']}\n" if named and "type" in event else ""
            out += "data: " + (event if isinstance(event, str) else json.dumps(event)) + "\n\n"
        self.reply("text/event-stream", out.encode())

    def answer(self, asked, call):
        path = self.path.split("?")[0]
        if path.endswith("/responses"):
            return self.open_ai(call)
        if path.endswith("/chat/completions"):
            return self.completions(asked, call)
        if path.endswith("/messages"):
            return self.messages(asked, call)
        if "enerateContent" in path:
            return self.gemini(path, call)
        return self.reply("application/json", b'{"totalTokens": 5, "input_tokens": 5}')

    def open_ai(self, call):
        item = {"type": "message", "role": "assistant", "id": "m", "content": [{"type": "output_text", "text": "done"}]}
        if call:
            item = {"type": "function_call", "id": "f", "call_id": "c1", "name": call[0], "arguments": json.dumps(call[1])}
        usage = {"input_tokens": 5, "output_tokens": 5, "total_tokens": 10}
        self.events([
            {"type": "response.created", "response": {"id": "r"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {"id": "r", "output": [item], "usage": usage}},
        ])

    def completions(self, asked, call):
        message = {"role": "assistant", "content": "done"}
        if call:
            function = {"name": call[0], "arguments": json.dumps(call[1])}
            message = {"role": "assistant", "content": None, "tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": function}]}
        usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
        base = {"id": "x", "created": 1, "model": "scripted", "usage": usage}
        reason = "tool_calls" if call else "stop"
        if asked.get("stream"):
            chunk = {**base, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": message, "finish_reason": None}]}
            last = {**base, "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
            return self.events([chunk, last, "[DONE]"], named=False)
        whole = {**base, "object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": reason}]}
        return self.reply("application/json", json.dumps(whole).encode())

    def messages(self, asked, call):
        block = {"type": "tool_use", "id": "toolu_1", "name": call[0], "input": call[1]} if call else {"type": "text", "text": "done"}
        reason = "tool_use" if call else "end_turn"
        usage = {"input_tokens": 5, "output_tokens": 5}
        whole = {"id": "m", "type": "message", "role": "assistant", "model": "scripted", "content": [block], "stop_reason": reason, "stop_sequence": None, "usage": usage}
        if not asked.get("stream"):
            return self.reply("application/json", json.dumps(whole).encode())
        empty = {**block, "input": {}} if call else {"type": "text", "text": ""}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call[1])} if call else {"type": "text_delta", "text": "done"}
        return self.events([
            {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None}},
            {"type": "content_block_start", "index": 0, "content_block": empty},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage},
            {"type": "message_stop"},
        ])

    def gemini(self, path, call):
        part = {"functionCall": {"name": call[0], "args": call[1]}} if call else {"text": "done"}
        whole = {"candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}],
                 "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 5, "totalTokenCount": 10}}
        if "stream" in path:
            return self.events([whole], named=False)
        return self.reply("application/json", json.dumps(whole).encode())


def codex(home, model):
    (home / ".codex").mkdir(exist_ok=True)
    # Hooks of a project count only where the project is trusted.
    (home / ".codex" / "config.toml").write_text(
        'model = "scripted"\nmodel_provider = "here"\n'
        f'[projects."{home.parent / "work"}"]\ntrust_level = "trusted"\n'
        f'[model_providers.here]\nname = "here"\nbase_url = "{model.address}/v1"\nwire_api = "responses"\n')
    command = ["exec", "--skip-git-repo-check", "--dangerously-bypass-hook-trust", "--dangerously-bypass-approvals-and-sandbox"]
    return {"CODEX_HOME": str(home / ".codex")}, lambda prompt: ["codex", *command, prompt]


def gemini(home, model):
    (home / ".gemini").mkdir(exist_ok=True)
    (home / ".gemini" / "settings.json").write_text('{"security": {"auth": {"selectedType": "gemini-api-key"}}}')
    variables = {"GEMINI_API_KEY": "none", "GOOGLE_GEMINI_BASE_URL": model.address, "GEMINI_CLI_TRUST_WORKSPACE": "true",
                 "GEMINI_TELEMETRY_ENABLED": "false"}
    return variables, lambda prompt: ["gemini", "--yolo", "--model", "gemini-2.5-flash", "--prompt", prompt]


def copilot(home, model):
    variables = {"COPILOT_PROVIDER_BASE_URL": f"{model.address}/v1", "COPILOT_MODEL": "scripted", "COPILOT_OFFLINE": "true",
                 "COPILOT_AUTO_UPDATE": "false"}
    return variables, lambda prompt: ["copilot", "--trust-folder", "--allow-all-tools", "--allow-all-paths", "--prompt", prompt]


def claude(home, model):
    variables = {"ANTHROPIC_BASE_URL": model.address, "ANTHROPIC_API_KEY": "none", "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1",
                 "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    return variables, lambda prompt: ["claude", "--print", "--permission-mode", "bypassPermissions", "--model", "claude-sonnet-4-5", prompt]


AGENTS = {"claude": claude, "codex": codex, "gemini": gemini, "copilot": copilot}


class Run:
    """One run of an agent in a repository and a home of its own."""

    def __init__(self, agent, arguments, prompt, command=None, guard=True):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="unleak-agents-"))
        try:
            self.go(agent, arguments, prompt, command, guard)
        finally:
            shutil.rmtree(self.root, ignore_errors=True)

    def go(self, agent, arguments, prompt, command, guard):
        home, work, tools = (self.root / name for name in ("home", "work", "tools"))
        for folder in (home, work, tools):
            folder.mkdir()
        (tools / "unleak").symlink_to(arguments.unleak)
        system = f"{pathlib.Path(shutil.which('node')).parent}:/usr/local/bin:/usr/bin:/bin"
        path = f"{arguments.agents}/node_modules/.bin:{system}"
        variables = {"HOME": str(home), "PATH": f"{tools}:{path}", "TERM": "dumb", "LANG": "C.UTF-8",
                     "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@project.test", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@project.test"}
        shell = lambda *words: subprocess.run(words, cwd=work, env=variables, check=True, capture_output=True)
        shell("git", "init", "-q", "-b", "main")
        (work / "README").write_text("hello\n")
        (work / ".gitignore").write_text(".env\n")
        (work / ".env").write_text(f"GITHUB_TOKEN={SECRET}\n")
        shell("git", "add", "README", ".gitignore")
        shell("git", "commit", "-q", "-m", "first")
        shell("unleak", "init", "--no-baseline", "--agent", agent, "--ci", "none")
        model = Model(command)
        threading.Thread(target=model.serve_forever, daemon=True).start()
        more, words = AGENTS[agent](home, model)
        if not guard:
            more["PATH"] = path
        try:
            done = subprocess.run(words(prompt), cwd=work, env={**variables, **more}, capture_output=True, stdin=subprocess.DEVNULL, timeout=LIMIT)
        except subprocess.TimeoutExpired as late:
            # One that waits for a person who is not there has not gone on.
            done = subprocess.CompletedProcess(late.cmd, 124, late.stdout or b"", late.stderr or b"")
        model.shutdown()
        self.sent, self.called = "\n".join(model.sent), model.called
        self.ran = (work / "ran").exists()
        self.said = (done.stdout + done.stderr).decode("utf-8", "replace")


def checks(agent, arguments):
    """Name, whether it holds, and what to look at if not."""
    # Copilot only watches prompts.
    if agent != "copilot":
        prompt = Run(agent, arguments, f"use the token {SECRET} please")
        yield "a prompt with a secret does not reach the model", SECRET not in prompt.sent, prompt
    harmless = Run(agent, arguments, "make the file", "echo made > ran")
    yield "a harmless command runs", harmless.ran, harmless
    force = Run(agent, arguments, "push it", "touch ran; git push --force origin main")
    yield "a forced push is refused", force.called and not force.ran and "unleak git-force-push" in force.sent, force
    asks = Run(agent, arguments, "clean up", "touch ran; rm -r /var/lib/unleak-was-never-here")
    yield "what is asked about does not run unattended", asks.called and not asks.ran, asks
    output = Run(agent, arguments, "look", "cat .env; touch ran")
    redacted = output.ran and SECRET not in output.sent and "REDACTED:github" in output.sent
    yield "a secret in a tool's output is redacted", redacted, output
    gone = Run(agent, arguments, "make the file", "touch ran", guard=False)
    yield "without the program nothing runs", not gone.ran, gone


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agents", required=True, type=pathlib.Path)
    parser.add_argument("--unleak", required=True, type=pathlib.Path)
    parser.add_argument("--only", choices=AGENTS)
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    arguments.agents, arguments.unleak = arguments.agents.resolve(), arguments.unleak.resolve()
    failed = 0
    for agent in [arguments.only] if arguments.only else AGENTS:
        if not (arguments.agents / "node_modules" / ".bin" / agent).exists():
            print(f"{agent}: not installed")
            continue
        for name, holds, run in checks(agent, arguments):
            print(f"{agent:<8} {'ok  ' if holds else 'FAIL'} {name}", flush=True)
            failed += not holds
            if arguments.verbose and not holds:
                print(run.said[-3000:], "\n--- last request:", run.sent[-3000:], file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
