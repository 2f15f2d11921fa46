#!/usr/bin/env python3
"""The Jupyter community's conformance suite: /usr/bin/python3 tests/jupyter/test_conformance.py

Needs Debian's python3-jupyter-kernel-test and a built kd.
"""

import unittest

import harness

FOLDER = harness.install()

import jupyter_kernel_test  # noqa: E402


class FSharpKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "kd-fsharp"
    language_name = "F#"
    file_extension = ".fs"

    code_hello_world = 'printfn "hello, world"'
    code_stderr = 'eprintfn "to the other stream"'
    code_generate_error = "1 / 0"
    code_display_data = [
        {"code": 'display (KdNotebooks.Interactive.Html("<b>bold</b>", "bold"))', "mime": "text/html"},
        {"code": 'display (KdNotebooks.Interactive.Markdown "*it*")', "mime": "text/markdown"},
    ]
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "[ 1; 2 ]", "result": "[1; 2]"},
        {"code": '"text"', "result": "text"},
    ]
    completion_samples = [
        {"text": "System.Math.Sq", "matches": {"Sqrt"}},
        {"text": "[ 1 ].Len", "matches": {"Length"}},
    ]
    complete_code_samples = ["1", 'printfn "a"', "let f x =\n    x + 1", "[ 1\n  2 ]"]
    incomplete_code_samples = ["let f x =", 'printfn "a', "[ 1;", "match 1 with", "for i in 1 .. 3 do", "1 +"]
    invalid_code_samples = ["let = 3", "let x = )", "x y )"]
    code_history_pattern = "1 ? 2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "List.map"


# What a kernel in F# has not: a pager, and IPython's clear_output.
for missing in ("test_pager", "test_clear_output"):
    setattr(FSharpKernelTests, missing, unittest.skip("IPython's own")(getattr(FSharpKernelTests, missing)))

if __name__ == "__main__":
    unittest.main()
