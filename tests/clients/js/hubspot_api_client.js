// Works with the HubSpot twin through @hubspot/api-client and prints one line of JSON.
// Usage: node hubspot_api_client.js read|work|changed '{"basePath": …, "token": …}'
'use strict';

const { Client } = require('@hubspot/api-client');

const KINDS = ['contacts', 'companies', 'deals', 'calls', 'emails', 'meetings', 'notes', 'tasks'];
const MODIFIED = { contacts: 'lastmodifieddate' };

const order = JSON.parse(process.argv[3]);
const client = new Client({ accessToken: order.token, basePath: order.basePath, numberOfApiCallRetries: 3 });
const api = (kind) => client.crm[kind] ?? client.crm.objects[kind];

async function pages(fetchPage) {
  const results = [];
  let after;
  do {
    const page = await fetchPage(after);
    results.push(...page.results);
    after = page.paging?.next?.after;
  } while (after);
  return results;
}

function newest(records) {
  return Math.max(...records.map((record) => record.updatedAt.getTime()));
}

// Everything, with the newest time seen of each object type; what a typed model does not read fails here.
async function read() {
  const ids = {};
  const bookmarks = {};
  for (const kind of KINDS) {
    const basic = api(kind).basicApi;
    const records = await pages((after) => basic.getPage(100, after, ['hs_object_id'], undefined, ['contacts']));
    ids[kind] = records.map((record) => record.id);
    bookmarks[kind] = newest(records);
  }
  const owners = await pages((after) => client.crm.owners.ownersApi.getPage(undefined, after, 100));
  const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals');
  const properties = await client.crm.properties.coreApi.getAll('contacts');
  return { ids, bookmarks, others: [owners.length, pipelines.results.length, properties.results.length] };
}

// Writes in every way the client has; prints the ids that must come back as changed, by object type.
async function work() {
  const { contacts, companies, deals, tasks } = order.ids;
  const basic = client.crm.contacts.basicApi;
  await basic.update(contacts[0], { properties: { jobtitle: 'Head of Purchasing' } });
  const made = await basic.create({ properties: { email: 'new.person@newcomer.example', firstname: 'Nele' }, associations: [] });
  const merged = await basic.merge({ primaryObjectId: contacts[1], objectIdToMerge: contacts[2] });
  const upserted = await client.crm.contacts.batchApi.upsert({
    inputs: [{ id: 'other.person@newcomer.example', idProperty: 'email', properties: { firstname: 'Omar' } }],
  });
  const renamed = await client.crm.companies.batchApi.update({
    inputs: companies.slice(0, 3).map((id) => ({ id, properties: { city: 'Bremen' } })),
  });
  const link = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 202 };
  const notes = await client.crm.objects.notes.batchApi.create({
    inputs: ['One', 'Two'].map((text) => ({
      properties: { hs_note_body: text, hs_timestamp: '2026-11-20T10:00:00Z' },
      associations: [{ to: { id: made.id }, types: [link] }],
    })),
  });
  const linked = await client.crm.associations.v4.basicApi.getPage('contacts', made.id, 'notes');
  await client.crm.objects.tasks.basicApi.update(tasks[0], { properties: { hs_task_subject: 'Renamed' } });
  await client.crm.deals.basicApi.archive(deals[0]);
  await client.crm.contacts.batchApi.archive({ inputs: [{ id: contacts[3] }] });
  return {
    contacts: [contacts[0], made.id, merged.id, ...upserted.results.map((record) => record.id)],
    companies: renamed.results.map((record) => record.id),
    notes: notes.results.map((record) => record.id),
    linked: linked.results.map((end) => String(end.toObjectId)),
    tasks: [tasks[0]],
  };
}

// What was modified since the bookmarks, by search; and the archived deals, by list.
async function changed() {
  const ids = {};
  for (const kind of KINDS) {
    const name = MODIFIED[kind] ?? 'hs_lastmodifieddate';
    const filter = { propertyName: name, operator: 'GTE', value: String(order.bookmarks[kind]) };
    const records = await pages((after) =>
      api(kind).searchApi.doSearch({
        filterGroups: [{ filters: [filter] }],
        sorts: [name],
        properties: [name],
        limit: 100,
        after: after ?? '0',
      }),
    );
    ids[kind] = records.map((record) => record.id);
  }
  const archived = await client.crm.deals.getAll(100, undefined, undefined, undefined, undefined, true);
  return { ids, archived: archived.map((record) => record.id) };
}

({ read, work, changed })[process.argv[2]]().then(
  (found) => console.log(JSON.stringify(found)),
  (problem) => {
    console.error(problem);
    process.exitCode = 1;
  },
);
