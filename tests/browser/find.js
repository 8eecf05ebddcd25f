// Finds what a person means by “the button Import in the dialog Import users”.
//
// arguments[0]: steps, each {role, name, exact}; every step searches inside what the one before
// found. A step without a name takes every element of its role. Answers with the elements, or with
// what they are called or say (arguments[1]).
const steps = arguments[0];

const ROLES = {
  alert: '[role=alert]',
  button: 'button:not([role]), [role=button], input[type=submit], input[type=button], summary',
  cell: 'td, th, [role=cell], [role=gridcell]',
  checkbox: 'input[type=checkbox], [role=checkbox], [role=switch]',
  columnheader: 'th[scope=col], thead th, [role=columnheader]',
  dialog: 'dialog[open], [role=dialog], [role=alertdialog]',
  field: 'input:not([type=checkbox]):not([type=radio]):not([type=hidden]):not([type=submit]):not([type=button]), textarea, select, [role=combobox]',
  group: 'fieldset, details, [role=group], [role=radiogroup]',
  heading: 'h1, h2, h3, h4, h5, h6, [role=heading]',
  link: 'a[href]',
  menuitem: '[role=menuitem], [role=menuitemcheckbox], [role=menuitemradio]',
  navigation: 'nav, [role=navigation]',
  option: '[role=option]',
  progressbar: 'progress, [role=progressbar]',
  radio: 'input[type=radio], [role=radio]',
  region: 'section, article, aside, li, [role=region]',
  row: 'tr, [role=row]',
  status: '[role=status], [aria-live=polite], output',
  tab: '[role=tab]',
  table: 'table, [role=table], [role=grid]',
};

const squeeze = (text) => (text || '').replace(/\s+/g, ' ').trim();

// The one that was opened last is on top, wherever it stands in the document.
const modals = [...document.querySelectorAll('dialog:modal')];
const isOnTop = (dialog) => {
  const { x, y, width, height } = dialog.getBoundingClientRect();
  return dialog.contains(document.elementFromPoint(x + width / 2, y + height / 2));
};
const top = modals.length > 1 && modals.findLast(isOnTop) || modals.at(-1) || document;

function usable(element) {
  // A file field is often hidden behind a button that looks better.
  const isFile = element.matches('input[type=file]');
  return (isFile || element.checkVisibility({ checkVisibilityCSS: true }))
    && !element.closest('[inert], [aria-hidden=true]')
    && (top === document || top.contains(element) || element.contains(top));
}

// The text that assistive technology reads out.
function spoken(node, skip) {
  if (node === skip) return '';
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE) return '';
  if (node.getAttribute('aria-hidden') === 'true') return '';
  const label = node.getAttribute('aria-label');
  if (label) return ` ${label} `;
  if (node.matches('img')) return ` ${node.alt} `;
  if (!node.checkVisibility() && !node.matches('svg *, option')) return '';
  let text = '';
  for (const child of node.childNodes) text += spoken(child, skip);
  return getComputedStyle(node).display.startsWith('inline') ? text : ` ${text} `;
}

function named(element) {
  const ids = element.getAttribute('aria-labelledby');
  if (ids) {
    const labels = ids.split(/\s+/).map((id) => document.getElementById(id));
    return labels.map((label) => (label ? squeeze(label.textContent) : '')).join(' ');
  }
  const label = element.getAttribute('aria-label');
  if (label) return label;
  if (element.labels && element.labels.length) {
    return [...element.labels].map((label) => spoken(label, element)).join(' ');
  }
  if (element.matches('input[type=submit], input[type=button]')) return element.value;
  if (element.matches('fieldset')) return spoken(element.querySelector('legend') || element);
  if (element.matches('table')) return element.caption ? element.caption.textContent : '';
  if (element.matches('dialog, [role=dialog], [role=alertdialog]')) {
    const heading = element.querySelector('h1, h2');
    return heading ? heading.textContent : '';
  }
  const text = squeeze(spoken(element));
  return text || element.title || element.placeholder || '';
}

const matches = (element, step) => {
  if (!step.name) return true;
  const name = squeeze(named(element));
  return step.exact ? name === step.name : name.includes(step.name);
};

let found = [document];
for (const step of steps) {
  const selector = ROLES[step.role] || step.role;
  const next = new Set();
  for (const root of found) {
    for (const element of root.querySelectorAll(selector)) {
      if (usable(element) && matches(element, step)) next.add(element);
    }
  }
  found = [...next];
  if (step.nth !== null && step.nth !== undefined) {
    const chosen = step.nth < 0 ? found[found.length + step.nth] : found[step.nth];
    found = chosen ? [chosen] : [];
  }
}
switch (arguments[1]) {
  case 'names': return found.slice(0, 40).map((e) => squeeze(named(e)).slice(0, 80));
  // What is scrolled out of sight is not rendered, and has no inner text.
  case 'texts': return found.map((e) => squeeze(e.innerText || e.textContent));
  default: return found;
}
