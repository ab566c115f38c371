/** A request that DynamoDB would refuse, with the answer it would give. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: string;

  /**
   * @param type the exception's name, as SDKs know it
   * @param message in DynamoDB's words
   */
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.name = "Refusal";
    this.type = type;
    this.status = status;
  }

  static validation(message: string): Refusal {
    return new Refusal("ValidationException", message);
  }
}
