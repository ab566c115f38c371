"""boto3's own loader, one for each thread: batch_writer sends leftovers again by itself."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import boto3

threads = int(sys.argv[1])
with open(os.environ["ITEMS_FILE"], encoding="utf-8") as file:
    items = [json.loads(line, parse_float=Decimal) for line in file]


def load(part):
    # Sessions and resources are not safe to share between threads.
    table = boto3.session.Session(region_name="us-east-1").resource(
        "dynamodb", endpoint_url=os.environ["ENDPOINT"]
    ).Table(os.environ["TABLE"])
    with table.batch_writer() as batch:
        for item in part:
            batch.put_item(Item=item)


with ThreadPoolExecutor(threads) as pool:
    # list() raises what a thread raised.
    list(pool.map(load, [items[n::threads] for n in range(threads)]))
