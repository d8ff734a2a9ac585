"""First and last names by language, with the Latin spelling that e-mail addresses use."""

import random
import unicodedata
from functools import cache

import msgspec

from sandbox.market.model import Language


class Name(msgspec.Struct, frozen=True):
    """A name as its bearer writes it, and in the letters of an e-mail address."""

    first: str
    last: str
    latin_first: str
    latin_last: str
    feminine: bool


class _Names(msgspec.Struct, frozen=True):
    """Space-separated names; `written/latin` where the two differ by more than accents."""

    women: str
    men: str
    last: str


_CHINESE_LATIN = (
    "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie "
    "han tang feng yu dong xiao"
)

_NAMES: dict[Language, _Names] = {
    "en": _Names(
        women=(
            "Alice Amelia Charlotte Chloe Diane Ella Emma Fiona Grace Hannah Imani Jane Katherine Laura Megan "
            "Naomi Olivia Priya Rachel Sarah Tara Zoe"
        ),
        men=(
            "Adam Andrew Brian Callum Daniel Darnell Edward Frank George Harry Ian James Kevin Liam Mark Nathan "
            "Oliver Peter Raj Samuel Thomas Victor"
        ),
        last=(
            "Adams Allen Baker Bennett Brooks Campbell Carter Clarke Cooper Davies Edwards Evans Fisher Foster "
            "Graham Hall Harrison Hughes Jackson Kelly Lewis Marshall Mitchell Murphy Nair O'Brien Owens Parker "
            "Patel Quinn Reed Roberts Shaw Singh Stewart Taylor Turner Walsh Ward Young"
        ),
    ),
    "de": _Names(
        women=(
            "Anja Anna Birgit Carina Doris Eva Franziska Greta Heike Ines Jana Katrin Lena Maren Nadine Petra "
            "Sabine Silke Ulrike Yvonne"
        ),
        men=(
            "Andreas Bernd Christian Dirk Elias Florian Gerhard Hannes Jens Jörg Klaus Lukas Matthias Niklas "
            "Oliver Peter Ralf Stefan Thomas Uwe"
        ),
        last=(
            "Albrecht Bauer Becker Berger Böhm Brandt Busch Dietrich Engel Fischer Frank Graf Groß Haas Hartmann "
            "Hofmann Huber Jäger Keller Köhler Krüger Lang Lehmann Maier Möller Neumann Pfeiffer Richter Roth "
            "Schäfer Schmid Schröder Schulz Seidel Vogel Wagner Weber Winkler Wolf Zimmermann"
        ),
    ),
    "fr": _Names(
        women=(
            "Amélie Aurélie Camille Céline Chloé Claire Élodie Émilie Hélène Inès Julie Léa Manon Margaux "
            "Nathalie Océane Pauline Sandrine Sophie Virginie"
        ),
        men=(
            "Alexandre Antoine Bastien Benoît Cédric Clément Damien Étienne François Guillaume Hugo Jérôme Julien "
            "Laurent Mathieu Nicolas Olivier Pierre Thibault Yann"
        ),
        last=(
            "André Aubert Bernard Bertrand Blanc Bonnet Boucher Chevalier Clément David Dubois Dupont Durand "
            "Faure Fontaine Fournier Garnier Gauthier Girard Lambert Lefebvre Legrand Leroy Marchand Mercier "
            "Meunier Moreau Morel Perrin Petit Renard Robin Rousseau Roux Simon Thomas Vidal Vincent"
        ),
    ),
    "es": _Names(
        women=(
            "Alba Ana Beatriz Carmen Claudia Cristina Elena Inés Irene Isabel Laura Lucía María Marta Noelia "
            "Paula Pilar Rocío Sofía Teresa"
        ),
        men=(
            "Alejandro Álvaro Andrés Carlos Daniel Diego Emilio Fernando Gonzalo Iván Javier Jorge José Luis "
            "Manuel Miguel Óscar Pablo Raúl Sergio"
        ),
        last=(
            "Álvarez Blanco Cabrera Campos Castro Delgado Díaz Domínguez Fernández Flores Fuentes García Gil "
            "Gómez González Gutiérrez Hernández Herrera Iglesias Jiménez López Martín Medina Méndez Molina "
            "Morales Moreno Muñoz Navarro Núñez Ortega Peña Pérez Ramírez Reyes Romero Ruiz Sánchez Torres Vargas"
        ),
    ),
    "zh-Hans": _Names(
        women=(
            "丽华/lihua 静/jing 婷婷/tingting 雪梅/xuemei 敏/min 晓燕/xiaoyan 佳怡/jiayi 芳/fang 慧/hui "
            "玉兰/yulan 思琪/siqi 梦洁/mengjie"
        ),
        men=(
            "伟/wei 强/qiang 建国/jianguo 志明/zhiming 磊/lei 俊杰/junjie 浩然/haoran 文博/wenbo 军/jun "
            "海涛/haitao 宇/yu 鹏/peng"
        ),
        last=("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧"),
    ),
    "zh-Hant": _Names(
        women=(
            "淑芬/shufen 雅婷/yating 怡君/yichun 美玲/meiling 佩珊/peishan 詩涵/shihhan 麗華/lihua 靜怡/jingyi "
            "慧敏/huimin 曉雯/xiaowen"
        ),
        men=(
            "志豪/chihhao 家豪/chiahao 俊傑/chunchieh 冠宇/kuanyu 建宏/chienhung 偉倫/weilun 明哲/mingche "
            "國強/kuochiang 宗翰/tsunghan 文龍/wenlung"
        ),
        last=("王 李 張 劉 陳 楊 趙 黃 周 吳 徐 孫 胡 朱 高 林 何 郭 馬 羅 梁 宋 鄭 謝 韓 唐 馮 于 董 蕭"),
    ),
    "ru": _Names(
        women=(
            "Анна/anna Дарья/darya Екатерина/ekaterina Елена/elena Ирина/irina Мария/maria Наталья/natalia "
            "Ольга/olga Светлана/svetlana Татьяна/tatiana Юлия/yulia"
        ),
        men=(
            "Александр/alexander Андрей/andrey Дмитрий/dmitry Иван/ivan Игорь/igor Максим/maxim Михаил/mikhail "
            "Николай/nikolay Павел/pavel Сергей/sergey Юрий/yury"
        ),
        last=(
            "Белов/belov Васильев/vasiliev Волков/volkov Голубев/golubev Егоров/egorov Зайцев/zaitsev "
            "Захаров/zakharov Калинин/kalinin Киселёв/kiselev Козлов/kozlov Кузьмин/kuzmin Лебедев/lebedev "
            "Макаров/makarov Морозов/morozov Никитин/nikitin Орлов/orlov Павлов/pavlov Романов/romanov "
            "Соколов/sokolov Степанов/stepanov Тарасов/tarasov Титов/titov Фролов/frolov"
        ),
    ),
}


def draw_name(rng: random.Random, language: Language) -> Name:
    """A full name of the language; a Russian woman's last name carries its feminine ending."""
    feminine = rng.random() < 0.5
    firsts, lasts = _pairs(language, feminine)
    first, latin_first = firsts[int(rng.random() * len(firsts))]
    last, latin_last = lasts[int(rng.random() * len(lasts))]
    return Name(first, last, latin_first, latin_last, feminine)


@cache
def _pairs(language: Language, feminine: bool) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:  # noqa: FBT001 - a fact about the bearer, no switch
    names = _NAMES[language]
    firsts = tuple(_pair(text) for text in (names.women if feminine else names.men).split())
    if language in {"zh-Hans", "zh-Hant"}:
        return firsts, tuple(zip(names.last.split(), _CHINESE_LATIN.split(), strict=True))
    ending = ("а", "a") if language == "ru" and feminine else ("", "")
    lasts = (_pair(text) for text in names.last.split())
    return firsts, tuple((written + ending[0], spelt + ending[1]) for written, spelt in lasts)


@cache
def all_names() -> tuple[frozenset[str], frozenset[str]]:
    """Every first and every last name there is, as written."""
    drawn = [_pairs(language, feminine) for language in _NAMES for feminine in (True, False)]
    firsts = frozenset(written for firsts, _ in drawn for written, _ in firsts)
    return firsts, frozenset(written for _, lasts in drawn for written, _ in lasts)


def _pair(text: str) -> tuple[str, str]:
    written, slash, spelt = text.partition("/")
    return written, spelt if slash else latin(written)


def latin(text: str) -> str:
    """The text in lower-case ASCII letters and digits, German umlauts spelt out, other accents dropped."""
    lowered = text.lower()
    for umlaut, spelt in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        lowered = lowered.replace(umlaut, spelt)
    plain = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode("ascii")
    return "".join(character for character in plain if character.isalnum())
