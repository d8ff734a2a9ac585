// Works with the Salesforce twin through @jsforce/jsforce-node and prints one line of JSON.
// Usage: node jsforce.js read|work|changed '{"clientId": …, "clientSecret": …, "refreshToken": …, "proxy": …}'
'use strict';

const { Connection } = require('@jsforce/jsforce-node');

const order = JSON.parse(process.argv[3]);
// A session that has ended: the first call is refused, and the library has to refresh it.
const connection = new Connection({
  oauth2: {
    loginUrl: 'https://login.salesforce.com',
    clientId: order.clientId,
    clientSecret: order.clientSecret,
    httpProxy: order.proxy,
  },
  instanceUrl: 'https://acme.my.salesforce.com',
  accessToken: 'ended',
  refreshToken: order.refreshToken,
  version: order.version,
  httpProxy: order.proxy,
});
connection.bulk2.pollInterval = 200;
connection.bulk2.pollTimeout = 60000;

const fields = { Lead: 'Id, Name, Status, Owner.Name', Contact: 'Id, Name, Account.Name' };

async function bulkIds(soql, options = {}) {
  const stream = await connection.bulk2.query(soql, { pollInterval: 200, pollTimeout: 60000, ...options });
  const records = await stream.toArray();
  return records.map((record) => record.Id);
}

// Everything, once by REST in pages and once by a bulk job; with describes on the way.
async function read() {
  const rest = {};
  const bulk = {};
  const known = new Set((await connection.describeGlobal()).sobjects.map((sobject) => sobject.name));
  for (const name of order.objects) {
    if (!known.has(name)) throw new Error(`${name} is not described`);
    await connection.describe(name);
    const soql = `SELECT ${fields[name] ?? 'Id'} FROM ${name}`;
    const found = await connection.query(soql, { autoFetch: true, maxFetch: 100000 });
    rest[name] = found.records.map((record) => record.Id);
    bulk[name] = await bulkIds(`SELECT Id FROM ${name}`);
  }
  return { rest, bulk };
}

// Writes in every way the library has; prints what must come back as changed and as deleted.
async function work() {
  const { Lead, Contact, Task, Account } = order.ids;
  const results = [];
  const single = await connection.sobject('Lead').create({ LastName: 'Newcomer', Company: 'Newcomer' });
  const many = await connection.sobject('Account').create([{ Name: 'One' }, { Name: 'Two' }]);
  results.push(single, ...many);
  results.push(await connection.sobject('Contact').update({ Id: Contact[0], Title: 'Head of Purchasing' }));
  results.push(...(await connection.sobject('Account').update(Account.map((Id) => ({ Id, BillingCity: 'Bremen' })))));
  results.push(await connection.sobject('Contact').destroy(Contact[1]));
  const upload = await connection.bulk2.loadAndWaitForResults({
    object: 'Task',
    operation: 'update',
    input: Task.map((Id) => ({ Id, Subject: 'Renamed' })),
    pollInterval: 200,
    pollTimeout: 60000,
  });
  const inserted = await connection.bulk2.loadAndWaitForResults({
    object: 'Lead',
    operation: 'insert',
    input: [{ LastName: 'Bulk, with a comma', Company: 'Newcomer "GmbH"' }],
    pollInterval: 200,
    pollTimeout: 60000,
  });
  const failed = [...upload.failedResults, ...inserted.failedResults, ...results.filter((result) => !result.success)];
  if (failed.length) throw new Error(JSON.stringify(failed));
  return {
    Lead: [single.id, ...inserted.successfulResults.map((row) => row.sf__Id)],
    Account: [...Account, ...many.map((result) => result.id)],
    Contact: [Contact[0]],
    Task: upload.successfulResults.map((row) => row.sf__Id),
    deleted: [Contact[1]],
  };
}

// What was touched since, three ways: getUpdated and getDeleted, SOQL, and a bulk job over the bin as well.
async function changed() {
  const soql = {};
  const updated = {};
  const bulk = {};
  for (const name of order.objects) {
    const where = `SystemModstamp >= ${order.since}`;
    const found = await connection.query(`SELECT Id FROM ${name} WHERE ${where}`, { autoFetch: true });
    soql[name] = found.records.map((record) => record.Id);
    bulk[name] = await bulkIds(`SELECT Id FROM ${name} WHERE ${where}`, { scanAll: true });
    updated[name] = (await connection.sobject(name).updated(order.since, order.until)).ids;
  }
  const gone = await connection.sobject('Contact').deleted(order.since, order.until);
  return { soql, updated, bulk, deleted: gone.deletedRecords.map((record) => record.id) };
}

({ read, work, changed })[process.argv[2]]().then(
  (found) => console.log(JSON.stringify(found)),
  (problem) => {
    console.error(problem);
    process.exitCode = 1;
  },
);
