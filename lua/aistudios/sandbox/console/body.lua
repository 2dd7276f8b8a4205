-- SPDX-License-Identifier: MIT
--
-- console.body: the parts of the console, which its script fills.

return [[
<header>
  <h1>AI Studios sandbox</h1>
  <span id="connection" class="soft" role="status">connecting</span>
  <label id="world-choice" hidden>World <select id="world"></select></label>
  <button id="reset" type="button">Reset</button>
  <a href="/requests?format=har" id="har">HAR</a>
  <a href="/requests?format=jsonl" id="jsonl">JSON lines</a>
</header>
<main>
<div class="column">
  <section aria-labelledby="requests-title">
    <h2 id="requests-title">Requests <span class="count" id="requests-count"></span>
      <button id="clear" type="button">Clear</button></h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Requests"><table>
      <thead><tr><th class="wide">Time</th><th>Method</th><th>Endpoint</th><th>Status</th>
        <th>Fault</th></tr></thead>
      <tbody id="requests"></tbody>
    </table></div>
  </section>
  <section aria-labelledby="projects-title">
    <h2 id="projects-title">Projects <span class="count" id="projects-count"></span></h2>
    <div class="scroll" id="projects" tabindex="0" role="region" aria-label="Projects"></div>
  </section>
  <section aria-labelledby="ledger-title">
    <h2 id="ledger-title">Ledger <span class="count" id="ledger-count"></span></h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Ledger"><table>
      <thead><tr><th class="wide">Time</th><th>Work</th><th>Name</th><th>Project</th>
        <th>Credits</th></tr></thead>
      <tbody id="ledger"></tbody>
    </table></div>
  </section>
</div>
<div class="column">
  <section aria-labelledby="credentials-title">
    <h2 id="credentials-title">Credentials</h2>
    <div class="credentials" id="credentials"></div>
  </section>
  <section aria-labelledby="clock-title">
    <h2 id="clock-title">Clock <span class="count" id="clock-mode"></span></h2>
    <div class="row"><time id="clock"></time></div>
    <div class="row" id="clock-buttons">
      <button type="button" data-mode="frozen">Freeze</button>
      <button type="button" data-mode="real">Real time</button>
      <button type="button" data-seconds="1">+1 s</button>
      <button type="button" data-seconds="10">+10 s</button>
      <button type="button" data-seconds="60">+1 min</button>
      <button type="button" data-seconds="3600">+1 h</button>
      <button type="button" data-seconds="86400">+1 day</button>
    </div>
  </section>
  <section aria-labelledby="faults-title">
    <h2 id="faults-title">Faults <span class="count" id="faults-count"></span>
      <button id="clear-faults" type="button">Remove all</button></h2>
    <div id="faults"></div>
    <form class="row" id="fault-form">
      <label>On <select id="fault-on"></select></label>
      <label>kind <select id="fault-kind"></select></label>
      <label>call <input id="fault-nth" type="number" min="1" value="1"></label>
      <label>times <input id="fault-times" type="number" min="1" value="1"></label>
      <span class="row" id="fault-options"></span>
      <button>Arm</button>
    </form>
    <p class="soft" id="fault-about"></p>
    <form class="row" id="scenario-form">
      <label>Scenario <select id="scenario"></select></label>
      <button>Apply</button>
    </form>
    <p class="soft" id="scenario-about"></p>
  </section>
  <section aria-labelledby="webhooks-title">
    <h2 id="webhooks-title">Webhooks <span class="count" id="webhooks-count"></span></h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Webhooks"><table>
      <thead><tr><th>Progress</th><th>To</th><th>Answer</th><th></th></tr></thead>
      <tbody id="webhooks"></tbody>
    </table></div>
  </section>
</div>
</main>
<dialog id="detail" aria-labelledby="detail-title">
  <form method="dialog" class="row"><button>Close</button></form>
  <h2 id="detail-title"></h2>
  <div id="detail-body"></div>
</dialog>
<div id="notice" role="alert"></div>
]]
