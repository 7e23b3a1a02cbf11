import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMarkdown } from './render-markdown.ts';

for (const [title, markdown, html] of [
  ['headings have an anchor', '## Who pays', '<h2 id="who-pays">Who pays</h2>'],
  ['lines of a paragraph are joined', 'one\ntwo\n\nthree', '<p>one two</p>\n<p>three</p>'],
  [
    'code is shown as it is',
    '```sh\na < "b"\n\n# c\n```',
    '<pre><code>a &lt; &quot;b&quot;\n\n# c</code></pre>',
  ],
  ['marks within code stay', 'use `**x**` or **y**', '<p>use <code>**x**</code> or <strong>y</strong></p>'],
  ['lists keep their continued lines', '- one\n  more\n- two', '<ul><li>one more</li><li>two</li></ul>'],
  ['pages link to pages', '[p](policies.md#who)', '<p><a href="policies.html#who">p</a></p>'],
  ['what is no page is not a link', '[code](../server/src)', '<p>code</p>'],
  ['comments are left out', '<!-- no -->\n# A', '<h1 id="a">A</h1>'],
] as const) {
  test(title, () => {
    assert.equal(renderMarkdown(markdown), html);
  });
}

test('a table has a head and a body, with bars inside code kept by a backslash', () => {
  const html = renderMarkdown('| A | B |\n|---|---|\n| 1 | `x\\|y` |\n');
  assert.equal(
    html,
    '<div class="scroll"><table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td><code>x|y</code></td></tr></tbody></table></div>',
  );
});

test('markup in a page is text', () => {
  assert.equal(renderMarkdown('<script>alert(1)</script>'), '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>');
});
