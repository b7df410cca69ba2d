# The shop: POST /buy writes the order to the topic and answers at once. Run it with `uvicorn shop:app`.
import json
import os
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request
from kafka import KafkaProducer
from pydantic import BaseModel


class Order(BaseModel):
    seckill_id: int
    count: int
    address: str
    user_id: int


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.producer = KafkaProducer(
        bootstrap_servers=os.environ.get("BOOTSTRAP", "localhost:9092"),
        key_serializer=str.encode,
        value_serializer=lambda order: json.dumps(order).encode("utf-8"),
    )
    yield
    # Orders that were answered with ok leave before the process does.
    app.state.producer.flush()
    app.state.producer.close()


app = FastAPI(lifespan=lifespan)


def kafka_producer(request: Request) -> KafkaProducer:
    return request.app.state.producer


@app.post("/buy")
async def buy(order: Order, producer: KafkaProducer = Depends(kafka_producer)):
    # The key keeps the orders of one user in one partition, hence in order.
    producer.send("seckill", order.model_dump(), key=str(order.user_id))
    return "ok"
