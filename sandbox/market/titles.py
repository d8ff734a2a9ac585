"""Job titles by language, each with the seniority and function its author meant.

Two spellings part the masculine from the feminine form where the language has both. `unreadable` marks what people
type for fun: a title reader should call it unknown.
"""

from functools import cache

import msgspec

from sandbox.market.model import Function, Language, Seniority


class Title(msgspec.Struct, frozen=True):
    """A title as written by a man and by a woman."""

    seniority: Seniority
    function: Function
    masculine: str
    feminine: str


_ENGLISH = """
c_level executive CEO
c_level executive Chief Executive Officer
c_level sales Chief Revenue Officer
c_level marketing CMO
c_level engineering CTO
c_level it Chief Information Officer
c_level finance CFO
c_level operations COO
owner executive Founder
owner executive Co-Founder & Managing Partner
owner executive Owner
vp sales VP Sales
vp marketing Vice President, Marketing
vp operations VP Revenue Operations
vp engineering VP of Engineering
vp finance Vice President Finance
director sales Director of Sales EMEA
director marketing Marketing Director
director operations Director, Sales Operations
director it IT Director
director product Director of Product
director finance Finance Director
head sales Head of Sales
head marketing Head of Demand Generation
head operations Head of Operations
head hr Head of People
head engineering Head of Data Engineering
manager sales Sales Manager
manager marketing Marketing Manager
manager marketing CRM & Email Marketing Manager
manager operations Revenue Operations Manager
manager it IT Manager
manager product Product Manager
manager procurement Procurement Manager
manager support Customer Support Manager
manager hr HR Manager
senior sales Senior Account Executive
senior engineering Senior Software Engineer
senior marketing Senior Marketing Specialist
senior finance Senior Financial Analyst
staff sales Account Executive
staff sales Business Development Representative
staff engineering Software Engineer
staff engineering Data Analyst
staff marketing Content Marketer
staff it Systems Administrator
staff finance Accountant
staff legal Legal Counsel
staff procurement Buyer
staff education Lecturer
entry sales Junior Sales Representative
entry marketing Marketing Assistant
entry engineering Junior Developer
intern marketing Marketing Intern
intern hr HR Intern
intern education Student
unreadable unreadable Happiness Wizard
unreadable unreadable n/a
unreadable unreadable Connecting the dots
"""

_GERMAN = """
c_level executive Geschäftsführer|Geschäftsführerin
c_level executive Vorstandsvorsitzender|Vorstandsvorsitzende
c_level sales Vorstand Vertrieb|Vorständin Vertrieb
c_level finance Kaufmännischer Geschäftsführer|Kaufmännische Geschäftsführerin
c_level engineering Technischer Geschäftsführer|Technische Geschäftsführerin
owner executive Inhaber|Inhaberin
owner executive Geschäftsführender Gesellschafter|Geschäftsführende Gesellschafterin
vp sales Bereichsvorstand Vertrieb
director sales Vertriebsdirektor|Vertriebsdirektorin
director marketing Marketingdirektor|Marketingdirektorin
director it Direktor IT|Direktorin IT
head sales Vertriebsleiter|Vertriebsleiterin
head sales Leiter Vertrieb Innendienst|Leiterin Vertrieb Innendienst
head marketing Leiter Marketing & Kommunikation|Leiterin Marketing & Kommunikation
head it IT-Leiter|IT-Leiterin
head procurement Einkaufsleiter|Einkaufsleiterin
head hr Personalleiter|Personalleiterin
head operations Betriebsleiter|Betriebsleiterin
head engineering Leiter Softwareentwicklung|Leiterin Softwareentwicklung
manager sales Gebietsverkaufsleiter|Gebietsverkaufsleiterin
manager marketing Marketing-Manager|Marketing-Managerin
manager product Produktmanager|Produktmanagerin
manager operations Teamleiter Vertriebssteuerung|Teamleiterin Vertriebssteuerung
senior engineering Senior Softwareentwickler|Senior Softwareentwicklerin
senior sales Senior Key Account Manager|Senior Key Account Managerin
staff sales Vertriebsmitarbeiter|Vertriebsmitarbeiterin
staff sales Sachbearbeiter Verkauf|Sachbearbeiterin Verkauf
staff marketing Referent Marketing|Referentin Marketing
staff finance Buchhalter|Buchhalterin
staff it Systemadministrator|Systemadministratorin
staff procurement Einkäufer|Einkäuferin
staff legal Syndikusrechtsanwalt|Syndikusrechtsanwältin
staff education Wissenschaftlicher Mitarbeiter|Wissenschaftliche Mitarbeiterin
entry marketing Junior Online-Marketing-Referent|Junior Online-Marketing-Referentin
entry sales Auszubildender im Vertrieb|Auszubildende im Vertrieb
intern marketing Praktikant Marketing|Praktikantin Marketing
intern education Werkstudent|Werkstudentin
unreadable unreadable Mensch
"""

_FRENCH = """
c_level executive Président-directeur général|Présidente-directrice générale
c_level executive Directeur général|Directrice générale
c_level finance DAF
c_level it DSI
owner executive Gérant|Gérante
owner executive Fondateur|Fondatrice
vp sales Vice-président des ventes|Vice-présidente des ventes
director sales Directeur commercial|Directrice commerciale
director marketing Directeur marketing|Directrice marketing
director operations Directeur des opérations|Directrice des opérations
director hr Directeur des ressources humaines|Directrice des ressources humaines
director engineering Directeur technique|Directrice technique
director procurement Directeur des achats|Directrice des achats
head marketing Responsable marketing digital
head sales Responsable commercial|Responsable commerciale
head it Responsable informatique
manager sales Chef des ventes|Cheffe des ventes
manager product Chef de produit|Cheffe de produit
manager marketing Chef de projet marketing|Cheffe de projet marketing
manager support Responsable du service client
senior engineering Ingénieur logiciel senior|Ingénieure logiciel senior
senior sales Ingénieur commercial senior|Ingénieure commerciale senior
staff sales Commercial|Commerciale
staff sales Chargé d'affaires|Chargée d'affaires
staff marketing Chargé de communication|Chargée de communication
staff engineering Développeur|Développeuse
staff finance Comptable
staff procurement Acheteur|Acheteuse
staff legal Juriste
entry sales Assistant commercial|Assistante commerciale
intern marketing Stagiaire marketing
intern education Étudiant|Étudiante
unreadable unreadable Couteau suisse
"""

_SPANISH = """
c_level executive Director general|Directora general
c_level executive Consejero delegado|Consejera delegada
c_level finance Director financiero|Directora financiera
c_level engineering Director de tecnología|Directora de tecnología
owner executive Propietario|Propietaria
owner executive Socio fundador|Socia fundadora
vp sales Vicepresidente de ventas|Vicepresidenta de ventas
director sales Director comercial|Directora comercial
director marketing Director de marketing|Directora de marketing
director operations Director de operaciones|Directora de operaciones
director it Director de sistemas|Directora de sistemas
director hr Director de recursos humanos|Directora de recursos humanos
head sales Jefe de ventas|Jefa de ventas
head marketing Responsable de marketing
head procurement Jefe de compras|Jefa de compras
manager sales Gerente de ventas
manager marketing Gerente de mercadotecnia
manager product Gestor de producto|Gestora de producto
manager operations Coordinador de operaciones|Coordinadora de operaciones
senior engineering Ingeniero de software sénior|Ingeniera de software sénior
senior sales Ejecutivo de cuentas sénior|Ejecutiva de cuentas sénior
staff sales Ejecutivo de cuentas|Ejecutiva de cuentas
staff sales Comercial
staff marketing Técnico de marketing|Técnica de marketing
staff engineering Desarrollador|Desarrolladora
staff finance Contable
staff legal Abogado|Abogada
entry marketing Auxiliar de marketing
intern sales Becario de ventas|Becaria de ventas
intern education Estudiante
unreadable unreadable Todoterreno
"""

_SIMPLIFIED = """
c_level executive 首席执行官
c_level executive 总经理
c_level executive 董事长
c_level engineering 首席技术官
c_level finance 财务总监(CFO)
owner executive 创始人
vp sales 销售副总裁
vp marketing 市场副总裁
director sales 销售总监
director marketing 市场总监
director operations 运营总监
director it 信息技术总监
director hr 人力资源总监
head sales 销售部负责人
head marketing 市场部部长
manager sales 销售经理
manager sales 大客户经理
manager marketing 市场部经理
manager product 产品经理
manager procurement 采购经理
manager operations 运营经理
senior engineering 高级软件工程师
senior sales 高级销售顾问
staff sales 销售代表
staff engineering 软件工程师
staff marketing 市场专员
staff finance 会计
staff procurement 采购员
staff legal 法务专员
staff support 客服专员
entry sales 销售助理
intern marketing 市场实习生
intern education 学生
unreadable unreadable 打杂的
"""

_TRADITIONAL = """
c_level executive 執行長
c_level executive 總經理
c_level engineering 技術長
c_level finance 財務長
owner executive 創辦人
owner executive 負責人
vp sales 業務副總經理
vp marketing 行銷副總
director sales 業務總監
director marketing 行銷總監
director it 資訊總監
director operations 營運總監
head sales 業務部主管
head engineering 研發部主管
manager sales 業務經理
manager marketing 行銷經理
manager product 產品經理
manager it 資訊部經理
manager procurement 採購經理
senior engineering 資深軟體工程師
senior sales 資深業務專員
staff sales 業務專員
staff engineering 軟體工程師
staff marketing 行銷專員
staff finance 會計
staff support 客服專員
entry sales 業務助理
intern marketing 行銷實習生
intern education 學生
"""

_RUSSIAN = """
c_level executive Генеральный директор
c_level executive Исполнительный директор
c_level finance Финансовый директор
c_level engineering Технический директор
owner executive Владелец|Владелица
owner executive Учредитель|Учредительница
vp sales Вице-президент по продажам
director sales Коммерческий директор
director sales Директор по продажам
director marketing Директор по маркетингу
director it ИТ-директор
director hr Директор по персоналу
director operations Операционный директор
head sales Руководитель отдела продаж
head marketing Руководитель отдела маркетинга
head sales Начальник отдела сбыта
head procurement Начальник отдела закупок
head engineering Руководитель разработки
manager sales Менеджер по продажам
manager marketing Менеджер по маркетингу
manager product Менеджер по продукту
manager procurement Менеджер по закупкам
senior engineering Старший разработчик
senior sales Старший менеджер по работе с клиентами
staff engineering Инженер-программист
staff marketing Маркетолог
staff finance Бухгалтер
staff legal Юрист
staff it Системный администратор
staff sales Специалист по продажам
entry sales Помощник менеджера по продажам
intern marketing Стажёр отдела маркетинга
intern education Студент|Студентка
unreadable unreadable Мастер на все руки|Мастерица на все руки
"""

_TABLES: dict[Language, str] = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "zh-Hans": _SIMPLIFIED,
    "zh-Hant": _TRADITIONAL,
    "ru": _RUSSIAN,
}


@cache
def titles_of(language: Language, seniority: Seniority) -> tuple[Title, ...]:
    """The titles of a language for a seniority, those of the staff where the language has none for it."""
    found = tuple(title for title in _parsed(language) if title.seniority == seniority)
    return found or titles_of(language, "staff")


@cache
def _parsed(language: Language) -> tuple[Title, ...]:
    return tuple(_title(line) for line in _TABLES[language].strip().splitlines())


def _title(line: str) -> Title:
    seniority, function, spellings = line.split(" ", 2)
    masculine, _, feminine = spellings.partition("|")
    row = {"seniority": seniority, "function": function, "masculine": masculine, "feminine": feminine or masculine}
    return msgspec.convert(row, Title)
