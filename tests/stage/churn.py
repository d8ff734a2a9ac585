"""A market that does not keep still: what reps and visitors do between two cycles, drawn from a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.acceptance.world import World
from tests.stage.agreement import our_tasks
from tests.stage.hands import HubSpotHands, SalesforceHands

TITLES = ("VP Sales", "Chief Executive Officer", "Head of Marketing", "Sales Manager", "Intern", "Engineer")
MOST_AT_ONCE = 4
FEWEST_LEADS = 3
LIMITS_FORGET_SECONDS = 11.0


class Churn:
    """Changes both CRMs by hand. `erased` are addresses that only those had who were deleted for privacy."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._dice = Random(seed)
        self._hubspot, self._salesforce = HubSpotHands(world.hubspot), SalesforceHands(world.salesforce)
        self._contacts = {record: row["email"] or "" for record, row in self._hubspot.listed("contacts", "email").items()}
        self._archived: dict[str, str] = {}
        self._leads = sorted(self._salesforce.query("SELECT Id FROM Lead WHERE IsConverted = false"))
        self._deleted: list[str] = []
        self._salesforce_contacts = sorted(self._salesforce.query("SELECT Id FROM Contact"))
        self._reps = sorted(self._salesforce.query("SELECT Id FROM User WHERE IsActive = true"))
        held = [self._salesforce.query(f"SELECT Id, Email FROM {kind} WHERE Email != null") for kind in ("Lead", "Contact")]
        self._in_salesforce = {row["Email"].casefold() for rows in held for row in rows.values()}
        self._number = 0
        self.erased: list[str] = []

    def happen(self) -> None:
        """A few things; afterwards the CRMs' short limits have forgotten them."""
        often: list[Callable[[], object]] = [
            self.edit_contact,
            self.edit_contact,
            self.edit_lead,
            self.edit_lead,
            self.meet_contact,
            self.meet_lead,
            self.meet_lead,
            self.create_contact,
            self.create_lead,
            self.change_address,
            self.archive_contact,
            self.delete_lead,
            self.merge_contacts,
            self.erase_contact,
            self.complete_task,
            self.edit_task,
            self.delete_task,
        ]
        for _ in range(self._dice.randint(0, MOST_AT_ONCE)):
            self._dice.choice(often)()
        self._world.later(LIMITS_FORGET_SECONDS)

    def edit_contact(self) -> None:
        self._hubspot.edit(self._contact(), jobtitle=self._dice.choice(TITLES))

    def edit_lead(self) -> None:
        self._salesforce.edit("Lead", self._dice.choice(self._leads), Title=self._dice.choice(TITLES))

    def meet_contact(self) -> None:
        self._hubspot.meet(self._contact(), self._world.hubspot.now())

    def meet_lead(self) -> None:
        self._salesforce.meet(self._dice.choice(self._leads), self._world.salesforce.now())

    def create_contact(self) -> None:
        address = self._address("north")
        self._contacts[self._hubspot.create(email=address, jobtitle=self._dice.choice(TITLES))] = address

    def create_lead(self) -> None:
        """Half of them are in HubSpot as well."""
        known = sorted({address.casefold() for address in self._contacts.values() if address} - set(self.erased))
        address = self._dice.choice(known) if known and self._dice.random() < 0.5 else self._address("south")
        who = {"LastName": f"Number {self._number}", "Company": f"Company {self._number}"}
        self._in_salesforce.add(address)
        self._leads.append(self._salesforce.create("Lead", Email=address, Title=self._dice.choice(TITLES), **who))

    def change_address(self) -> None:
        contact, address = self._contact(), self._address("west")
        self._hubspot.edit(contact, email=address)
        self._contacts[contact] = address

    def archive_contact(self) -> None:
        contact = self._contact()
        self._archived[contact] = self._contacts[contact]
        self._hubspot.archive(self._gone(contact))

    def restore_contact(self) -> None:
        """Somebody takes an archived contact out of the bin, if there is one."""
        if self._archived:
            contact = self._dice.choice(sorted(self._archived))
            self._contacts[contact] = self._archived.pop(contact)
            self._hubspot.restore(contact)

    def erase_contact(self) -> None:
        contact = self._contact()
        address = self._contacts[contact].casefold()
        if address and address not in self._in_salesforce:
            self.erased.append(address)
        self._hubspot.erase(self._gone(contact))

    def merge_contacts(self) -> None:
        kept, given_up = self._dice.sample(sorted(self._contacts), 2)
        address = self._contacts[kept]
        made = self._hubspot.merge(self._gone(kept), self._gone(given_up))
        self._contacts[made] = address

    def delete_lead(self) -> None:
        lead = self._lost_lead()
        self._deleted.append(lead)
        self._salesforce.delete("Lead", lead)

    def undelete_lead(self) -> None:
        """Somebody brings back a Lead that was deleted or merged away, if there is one."""
        if self._deleted:
            lead = self._dice.choice(self._deleted)
            self._deleted.remove(lead)
            self._leads.append(lead)
            self._salesforce.undelete(lead)

    def merge_leads(self) -> None:
        lost = self._lost_lead()
        self._deleted.append(lost)
        self._salesforce.merge(self._dice.choice(self._leads), lost)

    def merge_salesforce_contacts(self) -> None:
        """Two of Salesforce's Contacts become one."""
        kept, given_up = self._dice.sample(self._salesforce_contacts, 2)
        self._salesforce_contacts.remove(given_up)
        self._salesforce.merge(kept, given_up)

    def convert_lead(self) -> None:
        """Half of them with an Opportunity."""
        without = self._dice.choice(("true", "false"))
        made = self._salesforce.convert(self._lost_lead(), self._dice.choice(self._reps), doNotCreateOpportunity=without)
        self._salesforce_contacts.append(made)

    def convert_lead_into_contact(self) -> None:
        """A Lead turns out to be a Contact that is there already."""
        rows = self._salesforce.query("SELECT Id, AccountId FROM Contact WHERE AccountId != null")
        contact = self._dice.choice(sorted(rows))
        into = {"contactId": contact, "accountId": rows[contact]["AccountId"]}
        self._salesforce.convert(self._lost_lead(), self._dice.choice(self._reps), **into)

    def complete_task(self) -> str:
        """A rep completes one of our tasks, if there is one; gives its key."""
        return self._touch(
            lambda task: self._hubspot.edit_task(task, hs_task_status="COMPLETED"),
            lambda task: self._salesforce.edit("Task", task, Status="Completed"),
        )

    def edit_task(self) -> str:
        """A rep gives one of our tasks another subject."""
        return self._touch(
            lambda task: self._hubspot.edit_task(task, hs_task_subject="Call after lunch"),
            lambda task: self._salesforce.edit("Task", task, Subject="Call after lunch"),
        )

    def delete_task(self) -> str:
        """A rep deletes one of our tasks."""
        return self._touch(self._hubspot.delete_task, lambda task: self._salesforce.delete("Task", task))

    def _touch(self, in_hubspot: Callable[[str], None], in_salesforce: Callable[[str], None]) -> str:
        tasks = our_tasks(self._world)
        if not tasks:
            return ""
        crm, task = self._dice.choice(sorted(tasks))
        (in_hubspot if crm == "hubspot" else in_salesforce)(task)
        return tasks[crm, task]

    def _lost_lead(self) -> str:
        """One that is no Lead from now on; the market gets another where it would run out of them."""
        if len(self._leads) < FEWEST_LEADS:
            self.create_lead()
        lead = self._dice.choice(self._leads)
        self._leads.remove(lead)
        return lead

    def _contact(self) -> str:
        return self._dice.choice(sorted(self._contacts))

    def _gone(self, contact: str) -> str:
        self._contacts.pop(contact)
        return contact

    def _address(self, place: str) -> str:
        self._number += 1
        return f"person{self._number}@{place}{self._number}.example"
