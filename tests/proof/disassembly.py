# SPDX-FileCopyrightText: 2026 The Audyn authors
# SPDX-License-Identifier: MIT
"""What the machine code of an object file can do: which instructions it has, and which
ways lead through each function."""

import dataclasses
import functools
import re
import subprocess

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^ +([0-9a-f]+):\t(\S+)\s*(.*)$")
RELOCATION = re.compile(r"^\t+[0-9a-f]+: (R_\S+)\s+(\S+)")
TARGET = re.compile(r"\b([0-9a-f]+) <")


@dataclasses.dataclass(frozen=True)
class Processor:
    """How instructions of one kind look in objdump's output."""

    call: str
    jump: str         # always taken
    branch: str       # taken or not
    end: str          # leaves the function
    atomic: str       # locked or exclusive: may wait for other processors
    unbounded: str    # fence, division, repetition or trap: no fixed time

    def is_a(self, kind, instruction):
        return re.search(getattr(self, kind), instruction.text) is not None


X86_64 = Processor(
    call=r"^(notrack )?call",
    jump=r"^(notrack )?jmp",
    branch=r"^(j(?!mp)|loop|xbegin)",
    end=r"^(repz )?ret",
    # An exchange with memory is locked without saying so.
    atomic=r"\block\b|^cmpxchg|^xadd|^xchg.*\(|^xacquire|^xrelease",
    unbounded=r"^[lms]fence|^i?div|^rep(?!z ret)|^(syscall|sysenter|int|ud2|hlt|pause|cpuid)")

AARCH64 = Processor(
    call=r"^blr?\s|^blra",
    jump=r"^br?\s|^bra",
    branch=r"^(b[.]\w|cbn?z\s|tbn?z\s)",
    end=r"^ret",
    atomic=r"^(ld|st)[al]?x[rp]|^cas|^swp"
           r"|^(ld|st)(add|clr|eor|set|[su]max|[su]min)",
    unbounded=r"^[di][sm]b\s|^[su]div|^(svc|hvc|smc|brk|hlt|udf|wfe|wfi|yield)")


@dataclasses.dataclass
class Instruction:
    address: int
    text: str                # mnemonic and operands
    target: int = None       # of a jump or branch
    relocation: str = None   # what the linker is to fill in here


class Function:
    def __init__(self, name, processor):
        self.name = name
        self.processor = processor
        self.instructions = []

    def __str__(self):
        return self.name

    def of_kind(self, kind):
        return [i for i in self.instructions if self.processor.is_a(kind, i)]

    @functools.cached_property
    def position(self):
        return {i.address: n for n, i in enumerate(self.instructions)}

    def successors(self, index):
        """Where execution goes on after an instruction; LookupError if that is not
        another instruction of this function."""
        instruction = self.instructions[index]
        if self.processor.is_a("end", instruction):
            return []
        jumps = self.processor.is_a("jump", instruction)
        if not jumps and not self.processor.is_a("branch", instruction):
            return [self.within(index + 1)]
        if instruction.target is None or instruction.relocation:
            raise LookupError(f"jump out of the function: {instruction.text}")
        target = self.position.get(instruction.target)
        if target is None:
            raise LookupError(f"jump out of the function: {instruction.text}")
        return [target] if jumps else [self.within(index + 1), target]

    def within(self, index):
        if index >= len(self.instructions):
            raise LookupError("execution runs past the end of the function")
        return index

    def longest_path(self):
        """The most instructions from entry to return; None if there is a cycle."""
        lengths = {}
        on_path = set()
        stack = [(0, False)]
        while stack:
            index, done = stack.pop()
            if done:
                on_path.discard(index)
                lengths[index] = 1 + max((lengths[s] for s in self.successors(index)),
                                         default=0)
            elif index not in lengths:
                on_path.add(index)
                stack.append((index, True))
                for successor in self.successors(index):
                    if successor in on_path:
                        return None
                    stack.append((successor, False))
        return lengths[0]

    def backward_jumps(self):
        return [i for i in self.of_kind("jump") + self.of_kind("branch")
                if i.target is not None and i.target <= i.address]


def functions_of(object_file, objdump, processor):
    """{name: Function} of all code in an object file."""
    listing = subprocess.run([objdump, "-dr", "--no-show-raw-insn", object_file],
                             capture_output=True, text=True, check=True).stdout
    functions = {}
    current = None
    for line in listing.splitlines():
        if match := FUNCTION.match(line):
            current = functions.setdefault(match[1], Function(match[1], processor))
        elif match := RELOCATION.match(line):
            current.instructions[-1].relocation = f"{match[1]} {match[2]}"
        elif match := INSTRUCTION.match(line):
            text = f"{match[2]} {match[3]}".split("//")[0].rstrip()
            target = TARGET.search(text)
            current.instructions.append(Instruction(
                int(match[1], 16), text + " ", int(target[1], 16) if target else None))
    return functions


def symbols_of(object_file, nm, *options):
    """{name: kind} in the words of nm."""
    listing = subprocess.run([nm, *options, object_file],
                             capture_output=True, text=True, check=True).stdout
    return {line.split()[-1]: line.split()[-2] for line in listing.splitlines()}
